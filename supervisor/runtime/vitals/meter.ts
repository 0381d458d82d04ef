import { createHistogram } from 'node:perf_hooks'
import type { ActorSample } from './sample.ts'

/** An hour: longer calls count as this, µs. */
const longestUs = 3_600_000_000

/** Counts an actor's calls and how long they took, in a high dynamic range histogram of two significant figures. */
export class Meter {
  readonly #latency = createHistogram({ lowest: 1, highest: longestUs, figures: 2 })
  calls = 0
  errors = 0

  answered(tookMs: number, failed: boolean): void {
    this.calls++
    if (failed) this.errors++
    this.#latency.record(Math.min(longestUs, Math.max(1, Math.round(tookMs * 1000))))
  }

  get latencyUs(): ActorSample['latencyUs'] {
    if (this.calls === 0) return { p50: 0, p90: 0, p99: 0, max: 0 }
    const { max } = this.#latency
    const [p50, p90, p99] = [50, 90, 99].map((p) => this.#latency.percentile(p)) as [number, number, number]
    return { p50, p90, p99, max }
  }
}
