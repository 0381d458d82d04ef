import type { RecordableHistogram } from 'node:perf_hooks'
import { late } from '../late.ts'
import type { ActorSample } from './sample.ts'

/** An hour: longer calls count as this, µs. */
const longestUs = 3_600_000_000

/** Counts an actor's calls and how long they took, in a high dynamic range histogram of two significant figures. */
export class Meter {
  #latency: RecordableHistogram | undefined
  calls = 0
  errors = 0

  answered(tookMs: number, failed: boolean): void {
    this.calls++
    if (failed) this.errors++
    this.#latency ??= late.perfHooks.createHistogram({ lowest: 1, highest: longestUs, figures: 2 })
    this.#latency.record(Math.min(longestUs, Math.max(1, Math.round(tookMs * 1000))))
  }

  get latencyUs(): ActorSample['latencyUs'] {
    const latency = this.#latency
    if (!latency) return { p50: 0, p90: 0, p99: 0, max: 0 }
    return {
      p50: latency.percentile(50),
      p90: latency.percentile(90),
      p99: latency.percentile(99),
      max: latency.max,
    }
  }
}
