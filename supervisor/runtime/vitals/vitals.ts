import type { EventLoopUtilization } from 'node:perf_hooks'
import type { Worker } from 'node:worker_threads'
import { errorCode } from '../errors.ts'
import { late } from '../late.ts'
import type { DeadLetterReport } from '../dead-letters.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { Meter } from './meter.ts'
import type { ActorSample, ThreadSample } from './sample.ts'

export interface VitalsInit {
  mailbox: Mailbox
  meter: Meter
  /** How often the event loop is looked at, ms. */
  beatMs: number
  /** ms; 0 for no samples. */
  sampleMs: number
  /** CPU time of what is watched, since it started. */
  cpu(): NodeJS.CpuUsage
  /** Whether the process is its own, so that its resident memory is. */
  ownProcess: boolean
  letters(): DeadLetterReport
  callbacks(): number
  /** Threads that belong to the actor, by name. */
  threads(): ReadonlyMap<string, Worker>
  onBeat(): void
  onSample(sample: ActorSample): void
}

/** What a thread said last. */
interface ThreadBefore {
  at: number
  loop: EventLoopUtilization | undefined
  cpuMs: number
}

/** A sample does not wait longer for the threads that belong to it, ms. */
const threadAnswerMs = 100

/** Watches the thread it runs in: beats, measures how late its event loop is, and takes a sample per period. */
export class Vitals {
  readonly #init: VitalsInit
  readonly #timer: NodeJS.Timeout
  readonly #threadsBefore = new WeakMap<Worker, ThreadBefore>()
  /** Those that did not answer yet. */
  readonly #threadsAsked = new WeakSet<Worker>()
  #expected: number
  #delays: number[] = []
  #sampledAt = performance.now()
  #loopBefore: EventLoopUtilization | undefined
  #cpuMsBefore: number
  #sampling = false

  constructor(init: VitalsInit) {
    this.#init = init
    this.#cpuMsBefore = cpuMs(init.cpu())
    this.#expected = performance.now() + init.beatMs
    this.#timer = setInterval(() => this.#tick(), init.beatMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async sample(): Promise<ActorSample> {
    const now = performance.now()
    const { performance: loops } = late.perfHooks
    const loop = loops.eventLoopUtilization()
    const { utilization } = this.#loopBefore ? loops.eventLoopUtilization(loop, this.#loopBefore) : loop
    const periodMs = now - this.#sampledAt
    const delays = this.#delays
    this.#loopBefore = loop
    this.#sampledAt = now
    this.#delays = []
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage()
    const { mailbox, meter, cpu, ownProcess } = this.#init
    const { user, system } = cpu()
    const spentMs = cpuMs({ user, system }) - this.#cpuMsBefore
    this.#cpuMsBefore += spentMs
    return {
      at: Date.now(),
      periodMs,
      cpu: { userMs: user / 1000, systemMs: system / 1000 },
      cpuPercent: (100 * spentMs) / periodMs,
      utilization,
      delayMs: {
        mean: delays.reduce((sum, delay) => sum + delay, 0) / Math.max(1, delays.length),
        max: Math.max(0, ...delays),
      },
      heap: { usedBytes: heapUsed, totalBytes: heapTotal, externalBytes: external },
      rssBytes: ownProcess ? rss : null,
      mailbox: { depth: mailbox.depth, deepest: mailbox.takeDeepest(), bytes: mailbox.bytes },
      calls: meter.calls,
      errors: meter.errors,
      latencyUs: meter.latencyUs,
      deadLetters: this.#init.letters(),
      callbacks: this.#init.callbacks(),
      threads: await this.#threads(periodMs),
    }
  }

  #tick(): void {
    const now = performance.now()
    this.#init.onBeat()
    this.#delays.push(Math.max(0, now - this.#expected))
    const { beatMs, sampleMs } = this.#init
    this.#expected = now + beatMs
    if (sampleMs > 0 && !this.#sampling && now - this.#sampledAt >= sampleMs - beatMs / 2) void this.#report()
  }

  async #report(): Promise<void> {
    this.#sampling = true
    this.#init.onSample(await this.sample())
    this.#sampling = false
  }

  async #threads(periodMs: number): Promise<ThreadSample[]> {
    const threads = [...this.#init.threads()]
    const samples = await Promise.all(threads.map(([name, worker]) => this.#thread(name, worker, periodMs)))
    return samples.filter((sample) => sample !== undefined)
  }

  /** @returns nothing for a thread that has not begun, has ended, or is in native code and cannot answer now */
  async #thread(name: string, worker: Worker, periodMs: number): Promise<ThreadSample | undefined> {
    const { eventLoopUtilization } = worker.performance
    const loop = eventLoopUtilization()
    const at = performance.now()
    const before = this.#threadsBefore.get(worker) ?? { at: at - periodMs, loop: undefined, cpuMs: 0 }
    this.#threadsBefore.set(worker, before)
    const answer = await this.#askThread(worker)
    if (!answer) return undefined
    const [cpu, heap] = answer
    const spentMs = cpuMs(cpu)
    this.#threadsBefore.set(worker, { at, loop, cpuMs: spentMs })
    return {
      name,
      cpuMs: spentMs,
      cpuPercent: (100 * (spentMs - before.cpuMs)) / (at - before.at),
      utilization: (before.loop ? eventLoopUtilization(loop, before.loop) : loop).utilization,
      heapUsedBytes: heap.used_heap_size,
    }
  }

  async #askThread(worker: Worker) {
    if (this.#threadsAsked.has(worker)) return undefined
    this.#threadsAsked.add(worker)
    let timer: NodeJS.Timeout | undefined
    const answer = Promise.all([worker.cpuUsage(), worker.getHeapStatistics()]).finally(() => {
      clearTimeout(timer)
      this.#threadsAsked.delete(worker)
    })
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), threadAnswerMs)
    })
    try {
      return await Promise.race([answer, tooLate])
    } catch (error) {
      // It has not begun to run, or has ended.
      if (errorCode(error) === 'ERR_WORKER_NOT_RUNNING') return undefined
      throw error
    }
  }
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
