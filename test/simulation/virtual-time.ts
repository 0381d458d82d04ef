import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import { seededRandom } from '../../supervisor/runtime/faults/random.ts'

/** One run of a program between its start and its crash. What it left behind when it ended never happens. */
export interface Life {
  ended: boolean
}

interface Timer {
  at: number
  life: Life | undefined
  everyMs: number | undefined
  run(): void
}

/** When every schedule begins, ms since the epoch. */
const epoch = 1_700_000_000_000
const realImmediate = setImmediate

/**
 * Time that passes only when it is told to: every timer, `Date.now`, `performance.now` and `Math.random` of this process,
 * so that a schedule is the same each time. What runs at one time runs on behalf of one life, whose timers end with it.
 *
 * `mock.timers` of node:test knows no owners of timers: those of a crashed program would still go off.
 */
export class VirtualTime {
  #now = 0
  #timers: Timer[] = []
  #immediates: Timer[] = []
  #life: Life | undefined

  get now(): number {
    return this.#now
  }

  /** When the next timer goes off; undefined where nothing waits. */
  get next(): number | undefined {
    this.#forgetEnded()
    return this.#immediates.length > 0 ? this.#now : this.#timers[0]?.at
  }

  /** Runs `work` and all that follows from it without a timer, for a life. */
  async run(life: Life, work: () => unknown): Promise<void> {
    if (life.ended) return
    this.#life = life
    try {
      work()
      // Node empties the queue of microtasks before it goes on to this.
      await new Promise<void>((resolve) => realImmediate(resolve))
    } finally {
      this.#life = undefined
    }
  }

  /** Lets the callbacks of `setImmediate` run that wait now, and those that they add. */
  async immediates(): Promise<void> {
    for (let timer = this.#immediates.shift(); timer; timer = this.#immediates.shift())
      await this.#fire(timer)
  }

  /** Lets this much time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.immediates()
    for (;;) {
      this.#forgetEnded()
      const timer = this.#timers[0]
      if (!timer || timer.at > end) break
      this.#now = Math.max(this.#now, timer.at)
      if (timer.everyMs === undefined) this.#timers.shift()
      else this.#postpone(timer, timer.everyMs)
      await this.#fire(timer)
      await this.immediates()
    }
    this.#now = end
  }

  /** @returns what ends it */
  after(ms: number, run: () => void, everyMs?: number): () => void {
    const timer = { at: this.#now + Math.max(1, ms), life: this.#life, everyMs, run }
    this.#insert(timer)
    return () => this.#remove(timer)
  }

  immediately(run: () => void): void {
    this.#immediates.push({ at: this.#now, life: this.#life, everyMs: undefined, run })
  }

  async #fire({ life, run }: Timer): Promise<void> {
    if (life) await this.run(life, run)
    else run()
  }

  #postpone(timer: Timer, ms: number): void {
    this.#remove(timer)
    timer.at += ms
    this.#insert(timer)
  }

  /** After those that are due at the same time. */
  #insert(timer: Timer): void {
    const later = this.#timers.findIndex(({ at }) => at > timer.at)
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer)
  }

  #remove(timer: Timer): void {
    const index = this.#timers.indexOf(timer)
    if (index >= 0) this.#timers.splice(index, 1)
  }

  #forgetEnded(): void {
    const lives = ({ life }: Timer) => !life?.ended
    this.#timers = this.#timers.filter(lives)
    this.#immediates = this.#immediates.filter(lives)
  }
}

let time: VirtualTime | undefined
const real = {
  ...{ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate },
  ...{ sleep: timersPromises.setTimeout, dateNow: Date.now, performanceNow: performance.now },
  random: Math.random,
}

/** Puts `virtual` in place of this process's clock until the function that it returns is called. */
export function install(virtual: VirtualTime): () => void {
  if (time) throw new Error('Another virtual time is in place')
  time = virtual
  // A timer is the function that ends it.
  const end = (stop: (() => void) | undefined) => stop?.()
  const start = (everyMs: boolean) => (run: () => void, ms: number) =>
    virtual.after(ms, run, everyMs ? ms : undefined)
  // Whoever starts a timer here does nothing with it but end it.
  Object.assign(globalThis, {
    ...{ setTimeout: start(false), setInterval: start(true), clearTimeout: end, clearInterval: end },
    setImmediate: (run: () => void) => virtual.immediately(run),
  })
  Date.now = () => epoch + virtual.now
  performance.now = () => virtual.now
  Math.random = seededRandom(1)
  return () => {
    time = undefined
    const { dateNow, performanceNow, random, sleep: _sleep, ...timers } = real
    Object.assign(globalThis, timers)
    Object.assign(Date, { now: dateNow })
    Object.assign(performance, { now: performanceNow })
    Math.random = random
  }
}

interface SleepOptions {
  signal?: AbortSignal
}

/** `setTimeout` of timers/promises, by the virtual time where there is one. */
async function sleep<T>(ms: number, value: T, options: SleepOptions = {}): Promise<T> {
  const virtual = time
  if (!virtual) return real.sleep(ms, value, options)
  const { signal } = options
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const stop = virtual.after(ms, resolve)
    signal?.addEventListener('abort', () => {
      stop()
      reject(new DOMException('The sleep was cut short', 'AbortError'))
    })
  })
  return value
}

// Modules import it by name; once, since bringing those names up to date takes long.
Object.assign(timersPromises, { setTimeout: sleep })
syncBuiltinESMExports()
