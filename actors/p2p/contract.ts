import { defineContract } from '../../supervisor/runtime/actor-side.ts'

/** How bytes reach a peer. `relay`: through the server, until a direct way is found. */
export type PeerTransport = 'webrtc' | 'websocket' | 'relay' | 'none'

export interface PeerConnection {
  /** libp2p peer id */
  peer: string
  transport: PeerTransport
  direct: boolean
  /** Why the last attempt to reach it failed; null when it is connected or was not tried. */
  error: string | null
}

/** What the node should be part of. Each call of `configure` replaces the whole. */
export interface Participation {
  /** Id of the coordination server, part of every topic. */
  server: string
  /** Multiaddrs of the server's relay. */
  relays: string[]
  channels: string[]
  /** Peer ids to be connected with. */
  peers: string[]
}

export interface P2pApi {
  /** The peer id under which others can dial this node now; null while no relay holds a place for it. Idempotent. */
  reachableAs(): Promise<string | null>
  /** Works towards `participation` from now on, through every loss of a connection. Idempotent. */
  configure(participation: Participation): Promise<void>
  /**
   * Gives an encoded envelope to the peers of a channel. Answers to how many it was sent, the relay not counted.
   * Idempotent: peers drop what they have seen.
   */
  publish(params: { channel: string; envelope: Uint8Array }): Promise<{ peers: number }>
  /** Idempotent. */
  connections(): Promise<PeerConnection[]>
}

export interface P2pEvents {
  /** An envelope was heard. Its shape was checked; its signature was not. */
  gossip: { channel: string; envelope: Uint8Array }
  /** The relay holds a place for this node: from now on others can dial it under this peer id, new in each life. */
  reachable: string
  /** The whole list, whenever any of it changed. */
  connections: PeerConnection[]
}

export interface P2pInit {
  /** STUN and TURN servers for peers that no direct route joins; none on one network. */
  iceServers: { urls: string[] }[]
}

export const p2pContract = defineContract<P2pApi, P2pEvents, P2pInit>({
  name: 'p2p',
  idempotent: ['reachableAs', 'configure', 'publish', 'connections'],
})
