import type { Account } from '../../shared/account.ts'
import type { LogComparison } from '../../shared/bridge.ts'
import type { ControlResult, Sequenced } from '../../shared/control.ts'
import { errorCode } from '../../shared/errors.ts'
import type { ActorRef } from '../../supervisor/runtime/actor-side.ts'
import type { linkContract } from '../link/contract.ts'
import type { ChannelList } from './channel-list.ts'
import { BrokenLog } from './errors.ts'
import { firstDifference } from './first-difference.ts'
import type { HeldRanges } from './held-ranges.ts'
import { History, type PageQuery } from './history.ts'
import type { Inbox } from './inbox.ts'
import { fits, isProven, requireUnbroken, sameBytes, type Placed } from './log-check.ts'
import type { Arrival, MessageLog } from './message-log.ts'
import type { PeerLogs } from './peer-logs.ts'

export interface LogSyncInit {
  log: MessageLog
  held: HeldRanges
  channels: ChannelList
  inbox: Inbox
  link: ActorRef<typeof linkContract>
  logs: PeerLogs
  /** Who can be asked now. */
  peers(): { peer: string; account: Account | null }[]
  /** These messages look different now. */
  changed(ids: readonly string[]): void
  /** The log here is not the server's: it is to be resumed. */
  differs(channel: string): void
  /** The log was put back: what it had confirmed is in the outbox again. */
  putBack(): void
}

/** How long the server has to answer whoever looks at a comparison, ms. */
const somebodyWaitsMs = 4_000

/** Makes the log here the same as the server's: takes what it confirms, fetches what is missing, heals what differs. */
export class LogSync {
  readonly history: History
  readonly #init: LogSyncInit

  constructor(init: LogSyncInit) {
    this.#init = init
    this.history = new History({ channels: init.channels, fetch: (query) => this.#fetch(query) })
  }

  /** Takes messages of one channel that have just got their places. @throws as `Inbox.read`; BrokenLog */
  async confirm(channel: string, messages: readonly Sequenced[]): Promise<void> {
    const { log, changed } = this.#init
    await this.#take(channel, messages, (placed) => changed(log.receive(channel, arrivals(placed, 'link'))))
    void this.history.complete(channel)
  }

  /** One of our own has its place. @throws offline where another message stands at that place */
  async confirmOwn({ channel, id, seq, digest, at }: ControlResult<'message.submit'>): Promise<void> {
    const { log, channels, changed } = this.#init
    const place = { seq, digest: new Uint8Array(Buffer.from(digest, 'base64')), at }
    const here = log.digestAt(channel, seq)
    channels.raiseHead(channel, seq)
    if (here && !sameBytes(here, place.digest)) return this.resume(channel)
    if (log.confirm(id, channel, place)) changed([id])
    void this.history.complete(channel)
  }

  /**
   * The server is there again. Its log may be another one than ours, or shorter, where it was restored from a backup.
   * @throws offline
   */
  async resume(channel: string): Promise<void> {
    const highest = this.#init.held.highest(channel)
    if (highest > 0 && (await this.#differ(channel, [highest])).includes(true)) await this.#reconcile(channel)
    void this.history.complete(channel)
  }

  /** Compares the log here with the others'. */
  async compare(channel: string): Promise<LogComparison> {
    const { held, peers, logs } = this.#init
    const seq = held.highest(channel)
    const comparisons = peers().map(async ({ peer, account }) => ({
      ...{ peer, account },
      ...(await whereKnown(logs.compare(peer, channel), {
        result: 'silent',
        firstDifference: null,
      } as const)),
    }))
    const server = await this.#compareWithServer(channel, seq)
    const all = await Promise.all(comparisons)
    if (server === 'differs') this.#init.differs(channel)
    return { channel, at: Date.now(), seq, server, peers: all }
  }

  /**
   * A peer is connected: what it has heard and we have not is taken, which without the server is the only way to it.
   * Logs that differ are compared with the server's.
   */
  async meet(peer: string, channel: string): Promise<void> {
    const { held, inbox, logs, changed } = this.#init
    const news = await logs.news(peer, channel, held.highest(channel))
    if (news.length > 0) changed(await inbox.takeUnplaced(channel, news))
    const { result } = await logs.compare(peer, channel)
    if (result === 'differs') await this.resume(channel)
    else void this.history.complete(channel)
  }

  async #compareWithServer(channel: string, seq: number): Promise<LogComparison['server']> {
    if (seq === 0) return 'agrees'
    const differ = this.#differ(channel, [seq], somebodyWaitsMs)
    return whereKnown(
      differ.then((answers) => (answers.includes(true) ? 'differs' : 'agrees')),
      'unknown',
    )
  }

  async #fetch(query: PageQuery): Promise<void> {
    try {
      await this.#fetchFromServer(query)
    } catch (error) {
      if (errorCode(error) !== 'offline' || !(await this.#fetchFromPeers(query))) throw error
    }
  }

  async #fetchFromServer(query: PageQuery): Promise<void> {
    const { link, channels } = this.#init
    const { channel } = query
    const { messages, head } = await link.call.history(query)
    if (messages.length === 0) channels.lowerHead(channel, head)
    channels.raiseHead(channel, head)
    await this.#take(channel, messages, (placed) => this.#keepOld(channel, placed, 'link'))
  }

  /** Without the server, a page below something that is here can come from anybody. @returns whether it did */
  async #fetchFromPeers({ channel, before }: PageQuery): Promise<boolean> {
    const { log, inbox, logs, peers } = this.#init
    if (!log.entryAt(channel, before)) return false
    for (const { peer } of peers()) {
      const page = await whereKnown(logs.history(peer, channel, before), undefined)
      if (!page || page.messages.length === 0) continue
      const placed = await whereKnown(inbox.prove(channel, page.messages), undefined)
      if (!placed || !isProven(log, channel, page.before, placed)) continue
      this.#keepOld(channel, placed, 'p2p')
      return true
    }
    return false
  }

  /**
   * Keeps a page of history. The window asks for what it shows, and of a hundred thousand others it need not hear; but
   * what it may show as unconfirmed it is told.
   */
  #keepOld(channel: string, placed: readonly Placed[], by: Arrival['by']): void {
    const { log, changed } = this.#init
    const pending = new Set(placed.map(({ envelope }) => envelope.id).filter((id) => log.isPending(id)))
    const ids = log.receive(channel, arrivals(placed, by))
    changed(ids.filter((id) => pending.has(id) || this.#isLookedAt(id)))
  }

  #isLookedAt(id: string): boolean {
    const view = this.#init.log.view(id)
    return !view || view.seq === null || view.mine || this.history.isWanted(view.channel, view.seq)
  }

  /**
   * Proves what the server told and makes the log here fit it.
   * @param keep is called while it fits: after another await it might not any more
   * @throws as `confirm`
   */
  async #take(
    channel: string,
    messages: readonly Sequenced[],
    keep: (placed: readonly Placed[]) => void,
  ): Promise<void> {
    const { log, channels, inbox } = this.#init
    const placed = await inbox.read(channel, messages)
    requireUnbroken(placed)
    if (!fits(log, channel, placed)) {
      await this.#reconcile(channel)
      if (!fits(log, channel, placed)) throw new BrokenLog(placed[0]?.place.seq ?? 0)
    }
    for (const { seq } of messages) channels.raiseHead(channel, seq)
    keep(placed)
  }

  /** Finds where the log here and the server's part, and lets go of our order from there on: the server's counts. */
  async #reconcile(channel: string): Promise<void> {
    const { log, held, changed, putBack } = this.#init
    const seq = await firstDifference(held.of(channel), (seqs) => this.#differ(channel, seqs))
    if (seq === undefined) return
    console.error(`chat: the log of ${channel} differs from the server's from ${seq} on; it is fetched anew`)
    changed(log.unconfirm(channel, seq))
    putBack()
  }

  async #differ(channel: string, seqs: readonly number[], deadlineMs?: number): Promise<boolean[]> {
    const { log, link } = this.#init
    const patience = deadlineMs === undefined ? {} : { deadlineMs }
    const answers = await link.with(patience).digests({ channel, seqs: [...seqs] })
    const theirs = new Map(answers.map(({ seq, digest }) => [seq, Buffer.from(digest, 'base64')]))
    return seqs.map((seq) => {
      const [there, here] = [theirs.get(seq), log.digestAt(channel, seq)]
      return !there || !here || !sameBytes(there, here)
    })
  }
}

function arrivals(placed: readonly Placed[], by: Arrival['by']): Arrival[] {
  return placed.map(({ envelope, place }) => ({ envelope, place, by }))
}

/** What others answer may fail for reasons that have a code; then `otherwise` is the answer. */
async function whereKnown<T, O>(answer: Promise<T>, otherwise: O): Promise<T | O> {
  try {
    return await answer
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    return otherwise
  }
}
