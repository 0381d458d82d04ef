import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { MessageView } from '../../shared/bridge.ts'
import { useBridge } from '../bridge/current.ts'
import { ChannelHistory } from './channel-history.ts'

/** Channels whose messages are held, the shown one among them; the one shown longest ago is let go first. */
const heldChannels = 4

/** What is said in the channels that were shown last. */
export const useMessages = defineStore('messages', () => {
  const bridge = useBridge()
  /** Last shown last. */
  const histories = shallowReactive(new Map<string, ChannelHistory>())

  function hear(messages: readonly MessageView[]): void {
    for (const [channel, ofChannel] of Map.groupBy(messages, (message) => message.channel))
      histories.get(channel)?.hear(ofChannel)
  }

  /** The history of a channel that is about to be shown. */
  function open(channel: string): ChannelHistory {
    let history = histories.get(channel)
    if (!history) {
      history = new ChannelHistory({
        range: (range) => bridge.invoke('messages.range', { channel, ...range }),
        pending: () => bridge.invoke('messages.pending', { channel }),
      })
      void history.loadPending()
    }
    histories.delete(channel)
    histories.set(channel, history)
    for (const oldest of histories.keys()) if (histories.size > heldChannels) letGo(oldest)
    return history
  }

  function letGo(channel: string): void {
    histories.get(channel)?.close()
    histories.delete(channel)
  }

  /** Lets go of every channel but the shown one, and asks for that anew: changes may have been missed. */
  function reopen(shown: string | undefined): void {
    for (const channel of histories.keys()) if (channel !== shown) letGo(channel)
    for (const history of histories.values()) history.reload()
  }

  /** Submits a refused message once more. */
  async function retry(id: string): Promise<void> {
    hear([await bridge.invoke('messages.retry', { id })])
  }

  function forget(): void {
    for (const channel of histories.keys()) letGo(channel)
  }

  return { hear, open, reopen, retry, forget }
})
