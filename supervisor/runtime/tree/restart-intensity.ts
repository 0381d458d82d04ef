/** More than `max` restarts within `periodMs` mean that restarting does not help. As in Erlang/OTP. */
export interface Intensity {
  max: number
  periodMs: number
}

/** Counts restarts in a sliding window. */
export class RestartIntensity {
  readonly #limit: Intensity
  #times: number[] = []

  constructor(limit: Intensity) {
    this.#limit = limit
  }

  /** Restarts in the last `windowMs`. */
  recent(now: number, windowMs: number): number {
    return this.#times.filter((time) => now - time < windowMs).length
  }

  /** @returns whether one more restart is allowed; it is counted if so */
  allow(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < this.#limit.periodMs)
    if (this.#times.length >= this.#limit.max) return false
    this.#times.push(now)
    return true
  }

  /** Someone decided that it may try again from the start. */
  reset(): void {
    this.#times = []
  }
}
