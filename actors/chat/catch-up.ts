import { errorCode } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import { askAgain } from '../../supervisor/runtime/actor-side.ts'
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

/** Closes the gap between what the server has given out and what is here, one channel at a time, page by page. */
export class CatchUp {
  readonly #init: CatchUpInit
  readonly #running = new Set<string>()

  constructor(init: CatchUpInit) {
    this.#init = init
  }

  /** Starts where there is a gap; does nothing where one is already being closed. */
  async close(channel: string): Promise<void> {
    if (this.#running.has(channel)) return
    this.#running.add(channel)
    try {
      for (;;) {
        const view = this.#init.channels.get(channel)
        if (!view?.member || view.here >= view.head) return
        const page = await askAgain(() =>
          this.#init.history({ channel, after: view.here, limit: limits.historyPage }),
        )
        this.#init.channels.raiseHead(channel, page.head)
        await this.#init.take(page)
        // A page that closes nothing would be asked for again without end.
        if (this.#init.channels.advance(channel) === view.here) return
      }
    } catch (error) {
      // Whatever was in the way, the next welcome or confirmation starts again from what is here.
      if (errorCode(error) === undefined) throw error
    } finally {
      this.#running.delete(channel)
    }
  }
}
