import { gossipsub, type GossipSub } from '@chainsafe/libp2p-gossipsub'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, type Identify } from '@libp2p/identify'
import type { MulticastDNSComponents } from '@libp2p/mdns'
import { ping, type Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webRTC } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p, type Libp2p } from 'libp2p'
import { gossipMessageId, gossipOptions } from '../../shared/gossip.ts'
import type { P2pInit } from './contract.ts'
import { noiseByWay } from './lan/handshake.ts'
import { Lan } from './lan/lan.ts'
import { isLanAddress, tcpHostOf } from './lan/local-network.ts'
import { enduringYamux } from '../../shared/enduring-yamux.ts'

export type UnitedNode = Libp2p<{ identify: Identify; ping: Ping; pubsub: GossipSub; lan: Lan }>

/**
 * A libp2p node that is reached through a relay first and over WebRTC after, or over TCP on its own network. Its key
 * lives as long as it does.
 */
export function createNode(init: P2pInit): Promise<UnitedNode> {
  const lan = new Lan({ enabled: init.lan })
  return createLibp2p({
    addresses: { listen: ['/p2p-circuit', '/webrtc', ...(init.lan ? ['/ip4/0.0.0.0/tcp/0'] : [])] },
    transports: [
      webSockets(),
      webRTC({ rtcConfiguration: { iceServers: init.iceServers } }),
      circuitRelayTransport(),
      tcp(),
    ],
    connectionEncrypters: [noiseByWay(() => lan.server)],
    streamMuxers: [enduringYamux()],
    connectionGater: {
      // The relay may be on loopback or on the same network, both of which libp2p refuses by default.
      denyDialMultiaddr: () => false,
      denyInboundConnection: ({ remoteAddr }) =>
        tcpHostOf(remoteAddr) !== undefined && !isLanAddress(remoteAddr),
    },
    // Pulse does that.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      // Answers the pulse of others; a peer that was busy may find a few pings waiting.
      ping: ping({ maxInboundStreams: 8 }),
      pubsub: gossipsub({
        ...gossipOptions,
        msgIdFn: gossipMessageId,
      }),
      lan: (components: MulticastDNSComponents) => lan.attach(components),
    },
  })
}
