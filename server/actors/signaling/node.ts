import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { enduringYamux } from '../../../shared/enduring-yamux.ts'
import { gossipMessageId, gossipOptions } from '../../../shared/gossip.ts'

/** Makes and starts the server's libp2p node, listening on one multiaddr. */
export function createNode(privateKey: PrivateKey, listen: string) {
  return createLibp2p({
    privateKey,
    addresses: { listen: [listen] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [enduringYamux()],
    connectionManager: {
      maxConnections: 2048,
      maxIncomingPendingConnections: 256,
      // Per address and second: a whole office may sit behind one, and all come back at once after a restart.
      inboundConnectionThreshold: 256,
    },
    services: {
      identify: identify(),
      relay: circuitRelayServer({
        reservations: {
          maxReservations: 1024,
          applyDefaultLimit: true,
          // Meant for WebRTC signaling; wide enough for the gossip of peers that find no direct way.
          defaultDataLimit: 1n << 24n,
          defaultDurationLimit: 60 * 60 * 1000,
        },
      }),
      pubsub: gossipsub({ ...gossipOptions, msgIdFn: gossipMessageId }),
    },
  })
}

export type SignalingNode = Awaited<ReturnType<typeof createNode>>
