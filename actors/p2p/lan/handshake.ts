import type { ConnectionEncrypter, MessageStream, SecureConnectionOptions } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { isMultiaddr } from '@multiformats/multiaddr'
import { tcpHostOf } from './local-network.ts'
import { lanPrologue } from './names.ts'

type NoiseComponents = Parameters<ReturnType<typeof noise>>[0]

/**
 * Noise, and over plain TCP a Noise that only those complete who know the same server: whoever is let in there is told
 * the topics that this node follows. Both speak the same protocol name; the way a connection came decides.
 * @param server the id of the server that this node belongs to now
 */
export function noiseByWay(server: () => string | undefined) {
  return (components: NoiseComponents): ConnectionEncrypter => {
    const plain = noise()(components)
    const forConnection = (connection: MessageStream): ConnectionEncrypter => {
      if (!isPlainTcp(connection)) return plain
      const known = server()
      if (known === undefined) throw new Error('This node belongs to no server yet')
      return noise({ prologueBytes: lanPrologue(known) })(components)
    }
    return {
      protocol: plain.protocol,
      secureInbound: async (connection: MessageStream, options?: SecureConnectionOptions) =>
        forConnection(connection).secureInbound(connection, options),
      secureOutbound: async (connection: MessageStream, options?: SecureConnectionOptions) =>
        forConnection(connection).secureOutbound(connection, options),
    }
  }
}

/** What is encrypted is the connection itself, with its address, where it is no stream of another connection. */
function isPlainTcp(connection: MessageStream): boolean {
  return (
    'remoteAddr' in connection &&
    isMultiaddr(connection.remoteAddr) &&
    tcpHostOf(connection.remoteAddr) !== undefined
  )
}
