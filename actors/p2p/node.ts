import { gossipsub, type GossipSub } from '@chainsafe/libp2p-gossipsub'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, type Identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webRTC } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { gossipMessageId, gossipOptions } from '../../shared/gossip.ts'
import type { P2pInit } from './contract.ts'

export type UnitedNode = Libp2p<{ identify: Identify; pubsub: GossipSub }>

/** A libp2p node that is reached through a relay first and over WebRTC after. Its key lives as long as it does. */
export function createNode({ iceServers }: P2pInit): Promise<UnitedNode> {
  return createLibp2p({
    addresses: { listen: ['/p2p-circuit', '/webrtc'] },
    transports: [webSockets(), webRTC({ rtcConfiguration: { iceServers } }), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // The relay may be on loopback or on the same network, both of which libp2p refuses by default.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { pingInterval: 10_000 },
    services: {
      identify: identify(),
      pubsub: gossipsub({ ...gossipOptions, msgIdFn: gossipMessageId }),
    },
  })
}
