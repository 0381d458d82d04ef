import { RateLimited, TooManyConnections } from '../errors.ts'
import { TokenBucket, type Rate } from './token-bucket.ts'

export interface AccountLimits {
  /** Control sockets of one account at a time. */
  connections: number
  submissions: Rate
  /** Of the envelopes that are submitted, in base64. */
  submissionBytes: Rate
}

/** Generous: an outbox that drains after a day without a network is not slowed. */
export const accountLimits: AccountLimits = {
  connections: 32,
  submissions: { perSecond: 1_000, burst: 5_000 },
  submissionBytes: { perSecond: 8 * 2 ** 20, burst: 64 * 2 ** 20 },
}

/** The usual limits with another number of messages per second; more of them may have more bytes as well. */
export function submissionLimits(perSecond: number): Pick<AccountLimits, 'submissions' | 'submissionBytes'> {
  const { submissions, submissionBytes } = accountLimits
  const times = perSecond / submissions.perSecond
  const scaled = ({ perSecond, burst }: Rate, by: number): Rate => ({
    perSecond: perSecond * by,
    burst: Math.ceil(burst * by),
  })
  return {
    submissions: scaled(submissions, times),
    submissionBytes: scaled(submissionBytes, Math.max(1, times)),
  }
}

/** How long an account's use is remembered after its last connection, ms: to connect again does not renew it. */
const rememberedMs = 60_000

/** What one account may use, over all of its connections. */
export class Allowance {
  connections = 0
  readonly #submissions: TokenBucket
  readonly #bytes: TokenBucket

  constructor(limits: AccountLimits) {
    const now = performance.now()
    this.#submissions = new TokenBucket(limits.submissions, now)
    this.#bytes = new TokenBucket(limits.submissionBytes, now)
  }

  /** @throws RateLimited */
  spend(bytes: number): void {
    const now = performance.now()
    const waitMs = this.#submissions.take(1, now) || this.#bytes.take(bytes, now)
    if (waitMs > 0) throw new RateLimited(waitMs)
  }
}

/** What each account uses. */
export class Allowances {
  readonly #limits: AccountLimits
  readonly #accounts = new Map<string, Allowance>()
  readonly #forgetting = new Map<string, NodeJS.Timeout>()

  constructor(limits: AccountLimits) {
    this.#limits = limits
  }

  /** An account connects. @throws TooManyConnections */
  enter(account: string): Allowance {
    clearTimeout(this.#forgetting.get(account))
    this.#forgetting.delete(account)
    const allowance = this.#accounts.get(account) ?? new Allowance(this.#limits)
    if (allowance.connections >= this.#limits.connections)
      throw new TooManyConnections(this.#limits.connections)
    allowance.connections++
    this.#accounts.set(account, allowance)
    return allowance
  }

  leave(account: string): void {
    const allowance = this.#accounts.get(account)
    if (!allowance || --allowance.connections > 0) return
    const timer = setTimeout(() => {
      this.#accounts.delete(account)
      this.#forgetting.delete(account)
    }, rememberedMs)
    this.#forgetting.set(account, timer.unref())
  }
}
