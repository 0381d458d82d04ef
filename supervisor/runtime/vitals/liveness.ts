import inspector from 'node:inspector'
import type { Isolate } from '../isolation/isolate.ts'

export interface Watched {
  isolate: Isolate
  /** Silence of this length, ms, is a hang. */
  hangMs: number
  onHung(reason: string): void
}

/** How often everyone is looked at within the shortest `hangMs`. */
const looksPerLimit = 8
/** A silent thread that cannot be shown to run JavaScript may be collecting garbage: it gets this many limits. */
const patience = 3
/** An interrupt that takes longer than this, ms, found its thread busy with something that is over now. */
const promptMs = 50

/**
 * Finds actors whose event loop is stuck.
 *
 * Threads beat in shared memory; processes answer pings. What must not look like a hang:
 * - *the machine slept, or this thread was held up*: the watch itself comes late, and everyone gets a new limit;
 * - *a debugger holds it*: nobody is judged while one is attached;
 * - *garbage collection*: a thread that is silent is interrupted, which V8 does between two instructions of JavaScript.
 *   One that answers at once runs JavaScript and hangs; one that does not is given more time. Of a process that cannot
 *   be told.
 */
export class Liveness {
  readonly #watches = new Set<Watch>()
  #timer: NodeJS.Timeout | undefined
  #everyMs = Infinity
  #lookedAt = 0

  /** @returns the watch, to be told of pongs and ended */
  watch(watched: Watched): Watch {
    const watch = new Watch(watched, () => {
      this.#watches.delete(watch)
      this.#pace()
    })
    this.#watches.add(watch)
    this.#pace()
    return watch
  }

  stop(): void {
    this.#watches.clear()
    this.#pace()
  }

  #pace(): void {
    let shortest = Infinity
    for (const { hangMs } of this.#watches) shortest = Math.min(shortest, hangMs)
    const everyMs = Math.max(20, shortest / looksPerLimit)
    if (everyMs === this.#everyMs) return
    this.#everyMs = everyMs
    clearInterval(this.#timer)
    this.#lookedAt = performance.now()
    if (Number.isFinite(everyMs)) this.#timer = setInterval(() => this.#look(), everyMs).unref()
  }

  #look(): void {
    const now = performance.now()
    const late = now - this.#lookedAt > 2 * this.#everyMs
    this.#lookedAt = now
    const debugged = inspector.url() !== undefined
    for (const watch of this.#watches) {
      if (late || debugged || watch.paused) watch.forgive(now)
      else watch.look(now)
    }
  }
}

/** One actor under watch. */
export class Watch {
  readonly hangMs: number
  readonly #watched: Watched
  readonly #end: () => void
  #seenAt = performance.now()
  #beats = -1
  #pinged = false
  #inspected = false
  #paused = false
  #probe: { at: number; answered: boolean } | undefined

  constructor(watched: Watched, end: () => void) {
    this.#watched = watched
    this.#end = end
    this.hangMs = watched.hangMs
  }

  get paused(): boolean {
    return this.#paused
  }

  pong(inspected: boolean): void {
    this.#inspected = inspected
    this.#pinged = false
    this.#seenAt = performance.now()
  }

  end(): void {
    this.#end()
  }

  /** Its event loop is about to stand still for a good reason. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.forgive(performance.now())
  }

  forgive(now: number): void {
    this.#seenAt = now
    this.#probe = undefined
  }

  look(now: number): void {
    const { isolate, hangMs } = this.#watched
    const beats = isolate.beats()
    if (beats === undefined) {
      if (!this.#pinged) isolate.post({ type: 'ping' })
      this.#pinged = true
      if (this.#inspected) this.forgive(now)
    } else if (beats !== this.#beats) {
      this.#beats = beats
      this.forgive(now)
    }
    const silentMs = now - this.#seenAt
    if (silentMs < hangMs / 2) return
    if (isolate.interrupted) this.#interrupt(now, isolate.interrupted)
    const known = !isolate.interrupted || this.#probe?.answered === true
    if (silentMs >= hangMs * (known ? 1 : patience)) {
      this.end()
      this.#watched.onHung(`it hung: its event loop did not turn for ${Math.round(silentMs)} ms`)
    }
  }

  #interrupt(now: number, interrupted: () => Promise<unknown>): void {
    if (this.#probe) return
    const probe = { at: now, answered: false }
    this.#probe = probe
    interrupted().then(
      () => {
        if (this.#probe !== probe) return
        probe.answered = true
        // It was busy with something else, and has just come back from it.
        if (performance.now() - probe.at > Math.max(promptMs, this.hangMs / looksPerLimit))
          this.forgive(performance.now())
      },
      // A thread that is ending cannot be interrupted any more. Its end is told by itself.
      () => (this.#probe = undefined),
    )
  }
}
