import type { EventLoopUtilization } from 'node:perf_hooks'
import type { Worker } from 'node:worker_threads'
import { late } from '../late-builtins.ts'
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

/** Watches the thread it runs in: beats, measures how late its event loop is, and takes a sample per period. */
export class Vitals {
  readonly #init: VitalsInit
  readonly #timer: NodeJS.Timeout
  readonly #threadsBefore = new Map<string, { loop: EventLoopUtilization; cpuMs: number }>()
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
    const samples: ThreadSample[] = []
    for (const [name, worker] of this.#init.threads()) {
      const sample = await this.#thread(name, worker, periodMs)
      if (sample) samples.push(sample)
    }
    return samples
  }

  /** @returns nothing for a thread that ended meanwhile */
  async #thread(name: string, worker: Worker, periodMs: number): Promise<ThreadSample | undefined> {
    const loop = worker.performance.eventLoopUtilization()
    const before = this.#threadsBefore.get(name)
    try {
      const [cpu, heap] = await Promise.all([worker.cpuUsage(), worker.getHeapStatistics()])
      const spentMs = cpuMs(cpu)
      this.#threadsBefore.set(name, { loop, cpuMs: spentMs })
      return {
        name,
        cpuMs: spentMs,
        cpuPercent: (100 * (spentMs - (before?.cpuMs ?? 0))) / periodMs,
        utilization: (before ? worker.performance.eventLoopUtilization(loop, before.loop) : loop).utilization,
        heapUsedBytes: heap.used_heap_size,
      }
    } catch (error) {
      if (worker.threadId === -1) return undefined
      throw error
    }
  }
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
