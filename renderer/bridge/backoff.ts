export interface BackoffInit {
  /** Gap after the first failure, in ms. */
  first: number
  /** No gap is longer, in ms. */
  most: number
}

/** Gaps between attempts: each about twice the last one, with jitter so that many callers spread out. */
export class Backoff {
  readonly #init: BackoffInit
  #failures = 0

  constructor(init: BackoffInit) {
    this.#init = init
  }

  next(): number {
    const { first, most } = this.#init
    const full = Math.min(most, first * 2 ** this.#failures)
    this.#failures += 1
    return Math.max(first, full * (0.5 + Math.random() / 2))
  }

  reset(): void {
    this.#failures = 0
  }
}
