import { RemoteError } from '../error-codec.ts'
import { StreamBroken } from '../errors.ts'
import type { StreamDemand, StreamSupply } from '../wire.ts'
import { longestTimerMs } from '../contract.ts'

/** Items that may be under way at once; asked for again by the half. */
const windowItems = 32

export interface IncomingStreamInit {
  actor: string
  method: string
  /** The longest wait for one item, ms. */
  deadlineMs: number
  demand(frame: StreamDemand): void
  ended(): void
}

interface Waiting {
  resolve(result: IteratorResult<unknown>): void
  reject(error: unknown): void
  timer: NodeJS.Timeout | undefined
}

/** The consumer's end of a stream: an async iterable that asks for more as it is read, and fails when its actor dies. */
export class IncomingStream implements AsyncIterableIterator<unknown> {
  readonly #id: number
  readonly #init: IncomingStreamInit
  readonly #ready: unknown[] = []
  readonly #waiting: Waiting[] = []
  #received = 0
  #asked = windowItems
  #end: { error?: unknown } | undefined

  constructor(id: number, init: IncomingStreamInit) {
    this.#id = id
    this.#init = init
    init.demand({ stream: id, pull: windowItems })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<unknown>> {
    if (this.#ready.length > 0) {
      const value = this.#ready.shift()
      this.#askForMore()
      return { done: false, value }
    }
    if (this.#end) return this.#over()
    return new Promise((resolve, reject) => {
      const { deadlineMs } = this.#init
      const tooLate = () => this.fail(this.#broken(`no item came within ${deadlineMs} ms`))
      const timer = deadlineMs <= longestTimerMs ? setTimeout(tooLate, deadlineMs) : undefined
      this.#waiting.push({ resolve, reject, timer })
    })
  }

  /** Ends it from the consumer's side, as `break` in a `for await` does. */
  async return(): Promise<IteratorResult<unknown>> {
    if (!this.#end) {
      this.#init.demand({ stream: this.#id, close: true })
      this.#finish({})
    }
    this.#ready.length = 0
    return { done: true, value: undefined }
  }

  receive(frame: StreamSupply): void {
    if (this.#end || frame.from < this.#received) return
    if (frame.from > this.#received) return this.fail(this.#broken('an item went missing'))
    if ('items' in frame) {
      this.#received += frame.items.length
      for (const item of frame.items) this.#deliver(item)
    } else if ('done' in frame) this.#finish({})
    else this.#finish({ error: new RemoteError(frame.fault) })
  }

  /** The stream is over before its end: what was received can still be read, then it throws. */
  fail(error: unknown): void {
    if (this.#end) return
    this.#init.demand({ stream: this.#id, close: true })
    this.#finish({ error })
  }

  #deliver(item: unknown): void {
    const waiting = this.#waiting.shift()
    if (!waiting) return void this.#ready.push(item)
    clearTimeout(waiting.timer)
    waiting.resolve({ done: false, value: item })
    this.#askForMore()
  }

  #askForMore(): void {
    const consumed = this.#received - this.#ready.length
    const room = consumed + windowItems - this.#asked
    if (this.#end || room < windowItems / 2) return
    this.#asked += room
    this.#init.demand({ stream: this.#id, pull: room })
  }

  #finish(end: { error?: unknown }): void {
    this.#end = end
    this.#init.ended()
    for (const { resolve, reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer)
      if ('error' in end) reject(end.error)
      else resolve({ done: true, value: undefined })
      // The error is told once; after it the stream is at its end.
      this.#end = {}
    }
  }

  #over(): IteratorResult<unknown> {
    const end = this.#end ?? {}
    this.#end = {}
    if ('error' in end) throw end.error
    return { done: true, value: undefined }
  }

  #broken(reason: string): StreamBroken {
    return new StreamBroken(this.#init.actor, this.#init.method, reason)
  }
}
