export interface Rate {
  perSecond: number
  /** How much may come at once after a pause. */
  burst: number
}

/** The shortest time for which is refused, ms. */
const pauseMs = 250

/**
 * Lets through so much per second. Once it has refused it refuses all until the time that it named is over, so that what
 * was sent later does not get in before what was refused.
 */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number
  #closedUntil = 0

  /** @param now ms, of any clock that only goes forward; the same one in `take` */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** @returns 0 when it was let through, else after how many ms it may be tried again */
  take(amount: number, now: number): number {
    if (now < this.#closedUntil) return Math.ceil(this.#closedUntil - now)
    const { perSecond, burst } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000)
    this.#at = now
    if (this.#tokens >= amount) {
      this.#tokens -= amount
      return 0
    }
    const waitMs = Math.max(pauseMs, Math.ceil(((amount - this.#tokens) * 1000) / perSecond))
    this.#closedUntil = now + waitMs
    return waitMs
  }
}
