import type { Connection } from '@libp2p/interface'
import type { PeerTransport } from './contract.ts'

type Transport = Exclude<PeerTransport, 'none'>

/** Best first: the one that costs least, and lasts longest without the server. */
const ranking: readonly Transport[] = ['tcp', 'webrtc', 'websocket', 'relay']

export function transportOf({ remoteAddr }: Pick<Connection, 'remoteAddr'>): Transport {
  const protocols = new Set(remoteAddr.getComponents().map(({ name }) => name))
  if (protocols.has('webrtc')) return 'webrtc'
  if (protocols.has('p2p-circuit')) return 'relay'
  return protocols.has('ws') || protocols.has('wss') ? 'websocket' : 'tcp'
}

export function isDirect(connection: Connection | undefined): connection is Connection {
  return connection !== undefined && transportOf(connection) !== 'relay'
}

/** The open ones, best first, and of two that are as good the older one. */
export function byMerit(connections: readonly Connection[]): Connection[] {
  const rank = (connection: Connection) => ranking.indexOf(transportOf(connection))
  return connections
    .filter(({ status }) => status === 'open')
    .toSorted((one, other) => rank(one) - rank(other) || one.timeline.open - other.timeline.open)
}
