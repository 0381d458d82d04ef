import type { Place } from './contract.ts'
import type { ProvenMessage } from './proof.ts'

/** A message that was handed in and proven, and what is to be told to whoever handed it in. */
export interface Submission {
  readonly message: ProvenMessage
  readonly bytes: Buffer
  /** The account that handed it in; null when it was heard from peers. */
  readonly submitter: string | null
  /** Until when it may wait for those that it answers, on `performance.now`'s clock; from when it first had to. */
  heldUntil?: number
  readonly resolve: (place: Place) => void
  readonly reject: (error: unknown) => void
}
