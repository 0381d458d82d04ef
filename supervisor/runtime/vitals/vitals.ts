import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import { isMainThread, type Worker } from 'node:worker_threads'
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
  letters(): DeadLetterReport
  callbacks(): number
  /** Threads that belong to the actor, by name. */
  threads(): ReadonlyMap<string, Worker>
  onBeat(): void
  onSample(sample: ActorSample): void
}

/** Watches the thread it runs in: beats, measures how late its event loop is, and takes a sample per period. */
export class Vitals {
  readonly #init: VitalsInit
  readonly #timer: NodeJS.Timeout
  readonly #threadsBefore = new Map<string, EventLoopUtilization>()
  #expected: number
  #delays: number[] = []
  #sampledAt = performance.now()
  #loopBefore = performance.eventLoopUtilization()
  #sampling = false

  constructor(init: VitalsInit) {
    this.#init = init
    this.#expected = performance.now() + init.beatMs
    this.#timer = setInterval(() => this.#tick(), init.beatMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async sample(): Promise<ActorSample> {
    const now = performance.now()
    const loop = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(loop, this.#loopBefore)
    const periodMs = now - this.#sampledAt
    const delays = this.#delays
    this.#loopBefore = loop
    this.#sampledAt = now
    this.#delays = []
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage()
    const { user, system } = isMainThread ? process.cpuUsage() : process.threadCpuUsage()
    const { mailbox, meter } = this.#init
    return {
      at: Date.now(),
      periodMs,
      cpu: { userMs: user / 1000, systemMs: system / 1000 },
      utilization,
      delayMs: {
        mean: delays.reduce((sum, delay) => sum + delay, 0) / Math.max(1, delays.length),
        max: Math.max(0, ...delays),
      },
      heap: { usedBytes: heapUsed, totalBytes: heapTotal, externalBytes: external },
      rssBytes: isMainThread ? rss : null,
      mailbox: { depth: mailbox.depth, deepest: mailbox.takeDeepest(), bytes: mailbox.bytes },
      calls: meter.calls,
      errors: meter.errors,
      latencyUs: meter.latencyUs,
      deadLetters: this.#init.letters(),
      callbacks: this.#init.callbacks(),
      threads: await this.#threads(),
    }
  }

  #tick(): void {
    const now = performance.now()
    this.#init.onBeat()
    this.#delays.push(Math.max(0, now - this.#expected))
    const { beatMs, sampleMs } = this.#init
    this.#expected = now + beatMs
    if (sampleMs > 0 && !this.#sampling && now - this.#sampledAt >= sampleMs - beatMs / 2)
      void this.#report()
  }

  async #report(): Promise<void> {
    this.#sampling = true
    this.#init.onSample(await this.sample())
    this.#sampling = false
  }

  async #threads(): Promise<ThreadSample[]> {
    const samples: ThreadSample[] = []
    for (const [name, worker] of this.#init.threads()) {
      const sample = await this.#thread(name, worker)
      if (sample) samples.push(sample)
    }
    return samples
  }

  /** @returns nothing for a thread that ended meanwhile */
  async #thread(name: string, worker: Worker): Promise<ThreadSample | undefined> {
    const loop = worker.performance.eventLoopUtilization()
    const before = this.#threadsBefore.get(name)
    this.#threadsBefore.set(name, loop)
    try {
      const [cpu, heap] = await Promise.all([worker.cpuUsage(), worker.getHeapStatistics()])
      return {
        name,
        cpuMs: (cpu.user + cpu.system) / 1000,
        utilization: worker.performance.eventLoopUtilization(loop, before).utilization,
        heapUsedBytes: heap.used_heap_size,
      }
    } catch (error) {
      if (worker.threadId === -1) return undefined
      throw error
    }
  }
}
