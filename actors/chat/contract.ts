import type { Account } from '../../shared/account.ts'
import type { ChannelView, MessagePage, MessageView } from '../../shared/bridge.ts'
import { defineContract } from '../../supervisor/runtime/actor-side.ts'

export interface ChatApi {
  /** Every channel of the server, in order of name. Idempotent. */
  channels(): Promise<ChannelView[]>
  /** Makes a channel and joins it. @throws channel-exists, offline */
  createChannel(params: { name: string; topic: string }): Promise<ChannelView>
  /** Idempotent. @throws unknown-channel, offline */
  joinChannel(channel: string): Promise<ChannelView>
  /** The newest `limit` messages of a channel, or those before the message `before`, in shown order. Idempotent. */
  page(params: { channel: string; before?: string | undefined; limit: number }): Promise<MessagePage>
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
  /** A message is new or changed. */
  message: MessageView
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
  idempotent: ['channels', 'joinChannel', 'page', 'send', 'retry'],
})
