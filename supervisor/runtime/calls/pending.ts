import type { Transferable } from 'node:worker_threads'
import type { CallFrame, ReplyFrame } from '../wire.ts'

/** A call from the moment it was made until it is settled. */
export interface Pending {
  readonly method: string
  readonly deadlineMs: number
  readonly bytes: number
  readonly transfer: readonly Transferable[]
  /** Not to be sent again: it is not idempotent, or takes something with it that is gone then. */
  readonly once: boolean
  /** Takes callbacks with it, which are good for the actor's present life only. */
  readonly lends: boolean
  /** Nobody waits for an answer: it is over once it is sent. */
  readonly oneWay: boolean
  /** Undefined once it was sent and cannot be sent again. */
  frame: CallFrame | undefined
  /** Posted to a live actor, so that it may have been carried out. */
  sent: boolean
  settle(reply: ReplyFrame): void
  fail(error: Error): void
}
