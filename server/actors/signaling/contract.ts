import { defineContract } from '../../../supervisor/runtime/actor-side.ts'

/**
 * The libp2p node of the server: a relay through which peers behind routers find each other and exchange WebRTC
 * signaling, and one more peer on every channel's gossip topic, so that what peers tell each other reaches the log.
 */
export interface SignalingApi {
  /** Where it listens, each address with its peer id, as clients dial it. */
  addresses(): Promise<string[]>
  /** Joins the topics of these channels, beside those that it follows already. */
  follow(channels: readonly string[]): Promise<void>
}

export interface SignalingEvents {
  /** An envelope heard on a channel's topic: well formed and on the right topic, its signature not checked. */
  gossip: Uint8Array
}

export interface SignalingInit {
  /** UUIDv7 of the server, part of every topic. */
  server: string
  /** An IP address of this computer, or a name that resolves to one. */
  host: string
  /** TCP port; 0 for any free one. */
  port: number
  /** Listen on any free port when `port` is taken, instead of failing to start. */
  anotherPort: boolean
  /** File of the libp2p private key, made when it is not there: the peer id outlives restarts. */
  keyPath: string
}

export const signaling = defineContract<SignalingApi, SignalingEvents, SignalingInit>({
  name: 'signaling',
  idempotent: ['addresses', 'follow'],
})
