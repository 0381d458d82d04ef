import { defineContract } from '../../supervisor/runtime/actor-side.ts'

/** How bytes reach a peer. `tcp`: on the same network. `relay`: through the server, until a direct way is found. */
export type PeerTransport = 'tcp' | 'webrtc' | 'websocket' | 'relay' | 'none'

export interface PeerConnection {
  /** libp2p peer id */
  peer: string
  transport: PeerTransport
  direct: boolean
  /** From here to there and back, ms, measured about every 10 s; null until it was. */
  rttMs: number | null
  /** When the present connection was opened, ms since the epoch; null for none. */
  since: number | null
  /** Why the last attempt to reach it failed, in words for people; null when it is connected or was not tried. */
  error: string | null
  /** How often this side has tried to connect since it was last connected directly. */
  attempts: number
}

/** What the node should be part of. Each call of `configure` replaces the whole. */
export interface Participation {
  /** Id of the coordination server, part of every topic. */
  server: string
  /** Multiaddrs of the server's relay. */
  relays: string[]
  channels: string[]
  /** Peer ids to be connected with: those that the server has introduced. */
  peers: string[]
}

export interface P2pApi {
  /** The peer id under which others can dial this node now; null while no relay holds a place for it. Idempotent. */
  reachableAs(): Promise<string | null>
  /**
   * Works towards `participation` from now on, through every loss of a connection. With `lan` on, people of the same
   * server are also looked for on this network; whoever is found there and was not introduced takes part in gossip and
   * in nothing else. Idempotent.
   */
  configure(participation: Participation): Promise<void>
  /**
   * Gives an encoded envelope to the peers of a channel. Answers to how many it was sent, the relay not counted.
   * Idempotent: peers drop what they have seen.
   */
  publish(params: { channel: string; envelope: Uint8Array }): Promise<{ peers: number }>
  /** Those of `participation.peers`, connected or not. Idempotent. */
  connections(): Promise<PeerConnection[]>
  /**
   * Puts a question of at most 1 MiB to a peer that is connected directly, and answers with what it said, at most 1 MiB
   * too. The peer has 5 s, and refuses more than 8 questions at once. Not sent again when this actor dies.
   * @throws peer-unreachable, peer-silent, peer-refused, question-too-large
   */
  ask(params: { peer: string; request: Uint8Array }): Promise<Uint8Array>
  /**
   * Answers what `asked` told; null refuses. Whatever comes after the 5 s or for an earlier life's question is dropped.
   * @throws answer-too-large above 1 MiB; the question is then refused
   */
  answer(params: { id: number; answer: Uint8Array | null }): Promise<void>
}

export interface P2pEvents {
  /** An envelope was heard. Its shape was checked; its signature was not. */
  gossip: { channel: string; envelope: Uint8Array }
  /** The relay holds a place for this node: from now on others can dial it under this peer id, new in each life. */
  reachable: string
  /** The whole list, whenever any of it changed; a change of `rttMs` alone is told every 10 s at most. */
  connections: PeerConnection[]
  /** An introduced peer asks; `answer` is due within 5 s. What the bytes mean is between the two who talk. */
  asked: { id: number; peer: string; request: Uint8Array }
}

export interface P2pInit {
  /** STUN and TURN servers for peers that no direct route joins; none on one network. */
  iceServers: { urls: string[] }[]
  /** Whether to listen on TCP and look for people of the same server on this network, by mDNS. */
  lan: boolean
}

export const p2pContract = defineContract<P2pApi, P2pEvents, P2pInit>({
  name: 'p2p',
  idempotent: ['reachableAs', 'configure', 'publish', 'connections'],
})
