import type { DeadLetterReport } from '../dead-letters.ts'

/** A thread that belongs to an actor, such as one of a pool. */
export interface ThreadSample {
  name: string
  /** CPU time since it started, ms. */
  cpuMs: number
  /** CPU since the last sample that has it, in percent of one core. */
  cpuPercent: number
  /** Share of the time since the last sample in which its event loop was busy, 0 to 1. */
  utilization: number
  heapUsedBytes: number
}

/** What an actor says of itself, once per sampling period. Totals are of its present life. */
export interface ActorSample {
  /** ms since the epoch */
  at: number
  /** Since the sample before, ms. */
  periodMs: number
  /** CPU time since it started, ms, of its thread; of the whole process for an actor that is one. */
  cpu: { userMs: number; systemMs: number }
  /** CPU of this period, in percent of one core. */
  cpuPercent: number
  /** Share of the period in which its event loop was busy, 0 to 1. */
  utilization: number
  /** How late its event loop was to a timer in this period, ms. */
  delayMs: { mean: number; max: number }
  heap: { usedBytes: number; totalBytes: number; externalBytes: number }
  /** Resident memory, bytes; null for a thread, which shares its process's. */
  rssBytes: number | null
  mailbox: { depth: number; deepest: number; bytes: number }
  calls: number
  errors: number
  /** From arrival to answer, µs, since it started. */
  latencyUs: { p50: number; p90: number; p99: number; max: number }
  deadLetters: DeadLetterReport
  /** Callbacks and proxies that are open across its ports. */
  callbacks: number
  /** Those that could answer: one in native code is left out until it is back. */
  threads: ThreadSample[]
}
