import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { uuidv7 } from 'uuidv7'
import type { Account } from '../../shared/account.ts'
import type { MessageView } from '../../shared/bridge.ts'
import { errorCode, errorMessage } from '../../shared/errors.ts'
import { Backoff } from '../bridge/backoff.ts'
import { useBridge } from '../bridge/current.ts'
import { isTransient } from '../bridge/transient.ts'
import { useDrafts } from './drafts.ts'
import { useMessages } from './messages.ts'
import type { Outgoing } from './outgoing.ts'
import { useSession } from './session.ts'

/**
 * Hands messages to the host, under one id each, again and again until they are taken. From then on they are the
 * host's, which keeps them on disk. A message never leaves here but to the host or back into its composer; those of
 * an account that signed out wait until it is back.
 */
export const useOutbox = defineStore('outbox', () => {
  const bridge = useBridge()
  const session = useSession()
  const messages = useMessages()
  const drafts = useDrafts()
  const items = shallowReactive(new Map<string, Outgoing>())
  /** Ends the pause before the next attempt. */
  const wake = new Map<string, () => void>()
  const delivering = new Set<string>()

  const isSignedIn = (author: Account) => session.account?.id === author.id

  function send(author: Account, channel: string, text: string): void {
    const item: Outgoing = { id: uuidv7(), channel, author, text, at: Date.now(), failure: null }
    items.set(item.id, item)
    void deliver(item)
  }

  async function deliver(item: Outgoing): Promise<void> {
    if (delivering.has(item.id)) return
    delivering.add(item.id)
    const { id, channel, author, text } = item
    const backoff = new Backoff({ first: 100, most: 2_000 })
    try {
      while (items.has(id) && isSignedIn(author)) {
        try {
          taken(await bridge.invoke('messages.send', { id, channel, text }))
          return
        } catch (error) {
          if (!items.has(id)) return
          items.set(id, { ...item, failure: errorMessage(error) })
          if (errorCode(error) === 'signed-out') {
            // Says nothing about the message: it waits until its author is back.
            await session.refresh()
          } else if (!isTransient(error)) {
            items.delete(id)
            drafts.giveBack(author.id, channel, text, errorMessage(error))
            return
          }
        }
        await pause(id, backoff.next())
      }
    } finally {
      delivering.delete(id)
    }
  }

  function pause(id: string, gap: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        wake.delete(id)
        resolve()
      }
      const timer = setTimeout(end, gap)
      wake.set(id, end)
    })
  }

  /** The host has the message: it said so itself, by answer or by event. */
  function taken(message: MessageView): void {
    messages.hear([message])
    notice(message)
  }

  /** An event may tell of a message whose call failed after the host had kept it. */
  function notice(message: MessageView): void {
    items.delete(message.id)
    wake.get(message.id)?.()
  }

  function retryNow(id: string): void {
    wake.get(id)?.()
  }

  /** Goes on with what was left waiting when its account signed out. */
  function resume(): void {
    for (const item of items.values()) void deliver(item)
  }

  return { items, send, notice, retryNow, resume }
})
