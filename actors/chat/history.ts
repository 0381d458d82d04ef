import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRange } from '../../shared/bridge.ts'
import { errorCode } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import { askAgain, backoffMs } from '../../supervisor/runtime/retries.ts'
import type { ChannelList } from './channel-list.ts'
import { gapsIn } from './held-ranges.ts'

/** A page of history that is to be fetched. */
export interface PageQuery {
  channel: string
  /** Messages with a seq above this, */
  after: number
  /** and below this. */
  before: number
  /** The last of them, or else the first. */
  newest: boolean
  limit: number
}

export interface HistoryInit {
  channels: ChannelList
  /** Fetches a page and stores it. @throws offline where nobody can be asked now */
  fetch(query: PageQuery): Promise<void>
}

/** Messages in a page that nobody waits for: to take 200 keeps chat busy for as long as it takes to notice it. */
const atLeisure = 50
const retry = { firstMs: 500, maxMs: 10_000 }

/**
 * Brings every joined channel's log to this device, page by page: first what somebody is looking at, then the newest,
 * then what is older. Which pages are missing is known from the log alone, so it may be ended and begun again.
 */
export class History {
  readonly #init: HistoryInit
  readonly #running = new Set<string>()
  /** Asked for while it was running: what it is about to find out may be older than that. */
  readonly #askedAgain = new Set<string>()
  readonly #wanted = new Map<string, LogRange>()
  readonly #stopped = new AbortController()

  constructor(init: HistoryInit) {
    this.#init = init
  }

  stop(): void {
    this.#stopped.abort()
  }

  /** Somebody is looking at these places, which are fetched before any other. */
  want(channel: string, range: LogRange): void {
    this.#wanted.set(channel, range)
    void this.complete(channel)
  }

  /** Whether somebody looked at this place last: what comes in for others need not be shown. */
  isWanted(channel: string, seq: number): boolean {
    const wanted = this.#wanted.get(channel)
    return wanted !== undefined && wanted.from <= seq && seq <= wanted.to
  }

  /**
   * Fetches what is missing; does nothing where that is under way. Goes on until nothing is, or nobody can be asked:
   * then the next welcome or peer begins again.
   */
  async complete(channel: string): Promise<void> {
    if (this.#running.has(channel)) return void this.#askedAgain.add(channel)
    this.#running.add(channel)
    const { signal } = this.#stopped
    try {
      for (let attempt = 1; ; attempt++) {
        this.#askedAgain.delete(channel)
        if ((await this.#completed(channel)) && !this.#askedAgain.has(channel)) return
        if (!this.#askedAgain.has(channel))
          await sleep(backoffMs(retry, attempt, Math.random), undefined, { signal })
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#running.delete(channel)
    }
  }

  /** @returns whether there is nothing more to do now */
  async #completed(channel: string): Promise<boolean> {
    try {
      for (;;) {
        if (this.#stopped.signal.aborted) return true
        const query = this.#next(channel)
        if (!query) return true
        const before = this.#missing(channel)
        await askAgain(() => this.#init.fetch(query))
        // A page that brings nothing would be asked for again without end.
        if (this.#missing(channel) >= before) return false
      }
    } catch (error) {
      const code = errorCode(error)
      if (code === undefined) throw error
      return code === 'offline'
    }
  }

  #next(channel: string): PageQuery | undefined {
    const gaps = this.#gaps(channel)
    const wanted = this.#wanted.get(channel)
    const looked = wanted && gaps.find(({ from, to }) => from <= wanted.to && to >= wanted.from)
    if (looked) {
      const first = Math.max(looked.from, wanted.from)
      // Where the gap ends within a page of it, the page reaches to its end, so that no small hole is left.
      const reaches = looked.to - first < limits.historyPage
      const after = (reaches ? looked.from : first) - 1
      return { channel, after, before: looked.to + 1, newest: reaches, limit: limits.historyPage }
    }
    const top = gaps.at(-1)
    return top && { channel, after: top.from - 1, before: top.to + 1, newest: true, limit: atLeisure }
  }

  #gaps(channel: string): LogRange[] {
    const view = this.#init.channels.get(channel)
    return view?.member ? gapsIn(view.held, view.head) : []
  }

  #missing(channel: string): number {
    return this.#gaps(channel).reduce((sum, { from, to }) => sum + to - from + 1, 0)
  }
}
