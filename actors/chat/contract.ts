import type { Account } from '../../shared/account.ts'
import type {
  ChannelView,
  DeliveryStep,
  DeliveryTime,
  KeyChange,
  LogComparison,
  LogRange,
  MessageView,
} from '../../shared/bridge.ts'
import { defineContract } from '../../supervisor/runtime/actor-side.ts'

export interface ChatApi {
  /** Every channel of the server, in order of name. Idempotent. */
  channels(): Promise<ChannelView[]>
  /** Makes a channel and joins it. @throws channel-exists, offline */
  createChannel(params: { name: string; topic: string }): Promise<ChannelView>
  /** Idempotent. @throws unknown-channel, offline */
  joinChannel(channel: string): Promise<ChannelView>
  /**
   * The confirmed messages at some places of a channel, as far as they are here, ascending by seq. What is missing is
   * fetched before anything else and comes as an event. Idempotent.
   */
  range(params: { channel: string } & LogRange): Promise<MessageView[]>
  /** The messages of a channel that have no place yet, by (Lamport, id). Idempotent. */
  pending(channel: string): Promise<MessageView[]>
  /** Everything up to `seq` was seen; the marker never goes back. Idempotent. */
  read(params: { channel: string; seq: number }): Promise<void>
  /** The first place that was given at `at` (ms since the epoch) or later. Idempotent. @throws offline */
  at(params: { channel: string; at: number }): Promise<{ seq: number | null }>
  /** Compares a channel's log with the server's and those of connected peers. Idempotent. */
  compare(channel: string): Promise<LogComparison>
  /** What happened to a message so far. Idempotent. @throws unknown-message */
  trace(id: string): Promise<DeliveryStep[]>
  /** These messages came on the screen, at `at` (ms since the epoch). Idempotent. */
  shown(params: { ids: string[]; at: number }): Promise<void>
  /** How long the stages of the last messages took. Idempotent. */
  deliveryTimes(): Promise<DeliveryTime[]>
  /** Keys of others that nobody has accepted, oldest first. Idempotent. */
  keyChanges(): Promise<KeyChange[]>
  /** Idempotent. */
  acceptKey(params: { account: string; key: string }): Promise<void>
  /**
   * Keeps a message on this device and then works until the server has confirmed or refused it. Answers when it is
   * durable. Idempotent by `id`.
   * @throws not-a-member, disk-full
   */
  send(params: { id: string; channel: string; text: string }): Promise<MessageView>
  /** Offers a refused message to the server once more. Idempotent. @throws unknown-message */
  retry(id: string): Promise<MessageView>
}

export interface ChatEvents {
  /** The whole list, whenever any of it changed. */
  channels: ChannelView[]
  /** Messages are new or changed. */
  messages: MessageView[]
  /** The whole list, whenever any of it changed. */
  keyChanges: KeyChange[]
}

export interface ChatInit {
  /** Where this account's log is kept. */
  folder: string
  account: Account
  /** Ed25519 public key of this device. */
  publicKey: Uint8Array
  /** Id of the coordination server. */
  server: string
}

export const chatContract = defineContract<ChatApi, ChatEvents, ChatInit>({
  name: 'chat',
  idempotent: [
    'channels',
    'joinChannel',
    'range',
    'pending',
    'read',
    'at',
    'compare',
    'trace',
    'shown',
    'deliveryTimes',
    'keyChanges',
    'acceptKey',
    'send',
    'retry',
  ],
})
