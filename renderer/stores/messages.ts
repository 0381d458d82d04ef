import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { MessagePage, MessageView } from '../../shared/bridge.ts'
import { errorMessage } from '../../shared/errors.ts'
import { Backoff } from '../bridge/backoff.ts'
import { useBridge } from '../bridge/current.ts'
import { isTransient } from '../bridge/transient.ts'
import { emptyLog, trimmed, withMessage, withNewest, withOlder, type ChannelLog } from './channel-log.ts'

const pageSize = 50
/** Held messages of a channel are cut down to the first when they grow beyond the second. */
const trimTo = 150
const trimAbove = 400

/** What is said in the channels that were shown. A channel that was never shown has no log here. */
export const useMessages = defineStore('messages', () => {
  const bridge = useBridge()
  const logs = shallowReactive(new Map<string, ChannelLog>())
  /** Why the last page of a channel did not come, in words. */
  const failures = shallowReactive(new Map<string, string>())
  const pagingOlder = shallowReactive(new Set<string>())
  /** Ids heard of while a page is under way: the event is newer than what the page will say of them. */
  const heardMeanwhile = new Set<Set<string>>()
  /** Which load of a channel's newest page is the last one asked for. */
  const loads = new Map<string, object>()

  function hear(message: MessageView): void {
    for (const heard of heardMeanwhile) heard.add(message.id)
    const log = logs.get(message.channel)
    if (log) logs.set(message.channel, withMessage(log, message))
  }

  async function page(channel: string, before: string | undefined, wanted: () => boolean) {
    const backoff = new Backoff({ first: 200, most: 2_000 })
    failures.delete(channel)
    for (;;) {
      const heard = new Set<string>()
      heardMeanwhile.add(heard)
      try {
        const params = before === undefined ? {} : { before }
        const answer = await bridge.invoke('messages.page', { channel, limit: pageSize, ...params })
        return { page: answer satisfies MessagePage, heard }
      } catch (error) {
        if (!wanted()) return undefined
        if (!isTransient(error)) {
          failures.set(channel, errorMessage(error))
          return undefined
        }
      } finally {
        heardMeanwhile.delete(heard)
      }
      await new Promise((resolve) => setTimeout(resolve, backoff.next()))
      if (!wanted()) return undefined
    }
  }

  /** Asks for the newest page and merges it with what is held. */
  async function load(channel: string): Promise<void> {
    const token = {}
    loads.set(channel, token)
    if (!logs.has(channel)) logs.set(channel, emptyLog)
    const wanted = () => loads.get(channel) === token
    const answer = await page(channel, undefined, wanted)
    const log = logs.get(channel)
    if (answer && log && wanted()) logs.set(channel, withNewest(log, answer.page, answer.heard))
  }

  /** Asks for the messages before the oldest one held. */
  async function loadOlder(channel: string): Promise<void> {
    const before = logs.get(channel)
    const oldest = before?.messages[0]
    if (!before?.more || !oldest || pagingOlder.has(channel)) return
    pagingOlder.add(channel)
    const token = loads.get(channel)
    const answer = await page(channel, oldest.id, () => logs.has(channel) && loads.get(channel) === token)
    pagingOlder.delete(channel)
    const log = logs.get(channel)
    // After a reload or a trim the page may no longer join on to what is held.
    if (answer && log?.messages[0]?.id === oldest.id)
      logs.set(channel, withOlder(log, answer.page, answer.heard))
  }

  /** Shows a channel's log: loads it unless it is here. */
  function open(channel: string): void {
    if (!logs.has(channel)) void load(channel)
  }

  /** Lets go of every log but the shown one, and asks for that anew: changes may have been missed. */
  function reopen(shown: string | undefined): void {
    for (const channel of logs.keys()) {
      if (channel === shown) continue
      logs.delete(channel)
      loads.delete(channel)
    }
    if (shown !== undefined) void load(shown)
  }

  /** Keeps a log that is followed for days from growing without end. */
  function trim(channel: string): void {
    const log = logs.get(channel)
    if (log && log.messages.length > trimAbove) logs.set(channel, trimmed(log, trimTo))
  }

  /** Submits a refused message once more. */
  async function retry(id: string): Promise<void> {
    hear(await bridge.invoke('messages.retry', { id }))
  }

  function forget(): void {
    logs.clear()
    loads.clear()
    failures.clear()
  }

  return { logs, failures, pagingOlder, hear, load, loadOlder, open, reopen, trim, retry, forget }
})
