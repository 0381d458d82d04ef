import type { MessagePage, MessageView } from '../../shared/bridge.ts'

/** What the window holds of one channel: its newest messages without a gap, in shown order. Never changed in place. */
export interface ChannelLog {
  readonly messages: readonly MessageView[]
  /** Whether the device has older ones than those held. */
  readonly more: boolean
  /** False until the first page has come. */
  readonly loaded: boolean
}

export const emptyLog: ChannelLog = { messages: [], more: false, loaded: false }

/** Shown order: confirmed by the server's place, then unconfirmed by (Lamport, id). */
function compare(a: MessageView, b: MessageView): number {
  if (a.seq !== null && b.seq !== null) return a.seq - b.seq
  if (a.seq !== null) return -1
  if (b.seq !== null) return 1
  return a.lamport - b.lamport || (a.id < b.id ? -1 : 1)
}

function merged(held: readonly MessageView[], news: readonly MessageView[]): MessageView[] {
  const byId = new Map(held.map((message) => [message.id, message]))
  for (const message of news) {
    // A place in the server's order is never taken back: news without one is old news.
    const stale = message.seq === null && (byId.get(message.id)?.seq ?? null) !== null
    if (!stale) byId.set(message.id, message)
  }
  return [...byId.values()].sort(compare)
}

/** Takes one message that is new or changed. */
export function withMessage(log: ChannelLog, message: MessageView): ChannelLog {
  const oldest = log.messages[0]
  // History that is still being fetched lies beyond a gap; it comes with its page when somebody scrolls there.
  const beyond = log.more && oldest && message.seq !== null && oldest.seq !== null && message.seq < oldest.seq
  if (beyond && !log.messages.some(({ id }) => id === message.id)) return log
  return { ...log, messages: merged(log.messages, [message]) }
}

/** Takes the newest page. Held messages that it does not reach are let go, so that no gap is left between. */
export function withNewest(log: ChannelLog, page: MessagePage, heard: ReadonlySet<string>): ChannelLog {
  const inPage = new Set(page.messages.map(({ id }) => id))
  const first = page.messages[0]
  const reaches = !page.more || log.messages.some(({ id }) => id === first?.id)
  const kept = log.messages.filter(
    (message) =>
      inPage.has(message.id) || heard.has(message.id) || (reaches && page.more && isBefore(message, first)),
  )
  const news = page.messages.filter(({ id }) => !heard.has(id))
  const more = reaches && page.more && log.loaded ? log.more : page.more
  return { messages: merged(kept, news), more, loaded: true }
}

/** Takes the page that ends where the held messages begin. */
export function withOlder(log: ChannelLog, page: MessagePage, heard: ReadonlySet<string>): ChannelLog {
  const news = page.messages.filter(({ id }) => !heard.has(id))
  return { ...log, messages: merged(log.messages, news), more: page.more }
}

/** Lets go of the oldest, down to `keep` messages. */
export function trimmed(log: ChannelLog, keep: number): ChannelLog {
  return log.messages.length <= keep ? log : { ...log, messages: log.messages.slice(-keep), more: true }
}

function isBefore(message: MessageView, other: MessageView | undefined): boolean {
  return other !== undefined && compare(message, other) < 0
}
