import type { Account } from '../../shared/account.ts'

/** A message that the window holds and the host has not taken yet. */
export interface Outgoing {
  readonly id: string
  readonly channel: string
  readonly author: Account
  readonly text: string
  /** Wall clock, ms since the epoch. */
  readonly at: number
  /** Why the last attempt failed, in words; null while the first one is under way. */
  readonly failure: string | null
}
