import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import { askAgain, backoffMs } from '../../supervisor/runtime/retries.ts'
import type { ControlResult } from '../../shared/control.ts'
import type { ChannelList } from './channel-list.ts'

export interface CatchUpInit {
  channels: ChannelList
  history(params: {
    channel: string
    after: number
    limit: number
  }): Promise<ControlResult<'message.history'>>
  /** Stores a page. */
  take(page: ControlResult<'message.history'>): Promise<void>
}

const retry = { firstMs: 500, maxMs: 10_000 }

/** Closes the gap between what the server has given out and what is here, one channel at a time, page by page. */
export class CatchUp {
  readonly #init: CatchUpInit
  readonly #running = new Set<string>()
  /** Asked for while it was running: what it is about to find out may be older than that. */
  readonly #askedAgain = new Set<string>()
  readonly #stopped = new AbortController()

  constructor(init: CatchUpInit) {
    this.#init = init
  }

  stop(): void {
    this.#stopped.abort()
  }

  /**
   * Starts where there is a gap; does nothing where one is already being closed. Goes on until there is none, or the
   * server is away: then the next welcome starts again.
   */
  async close(channel: string): Promise<void> {
    if (this.#running.has(channel)) return void this.#askedAgain.add(channel)
    this.#running.add(channel)
    const { signal } = this.#stopped
    try {
      for (let attempt = 1; ; attempt++) {
        this.#askedAgain.delete(channel)
        if ((await this.#closed(channel)) && !this.#askedAgain.has(channel)) return
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
  async #closed(channel: string): Promise<boolean> {
    try {
      for (;;) {
        const view = this.#init.channels.get(channel)
        if (!view?.member || view.here >= view.head) return true
        const page = await askAgain(() =>
          this.#init.history({ channel, after: view.here, limit: limits.historyPage }),
        )
        this.#init.channels.raiseHead(channel, page.head)
        await this.#init.take(page)
        // A page that closes nothing would be asked for again without end.
        if (this.#init.channels.advance(channel) === view.here) return true
      }
    } catch (error) {
      const code = errorCode(error)
      if (code === undefined) throw error
      return code === 'offline'
    }
  }
}
