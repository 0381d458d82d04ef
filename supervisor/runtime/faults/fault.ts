import type { MessageFaults } from './message-faults.ts'

/** Faults that happen to an actor as a whole. */
export type ActorFault =
  /** An error that nobody catches. */
  | { fault: 'throw' }
  /** A promise that is rejected and that nobody awaits. */
  | { fault: 'reject' }
  | { fault: 'exit'; code: number }
  /** Ends the process as a broken addon would. Processes only. */
  | { fault: 'segfault' }
  /** `while (true)`, until the actor is ended. */
  | { fault: 'hang' }
  /** Fills the heap with small objects. Only where a heap limit contains it. */
  | { fault: 'out-of-memory' }
  /** Keeps the actor's thread busy for this share (0 to 1) of the time. */
  | { fault: 'burn'; forMs: number; share: number }
  /** Lets this much time pass before each call is carried out. */
  | { fault: 'slow-mailbox'; forMs: number; ms: number }
  | MessageFault

/**
 * Faults of single messages to and from an actor: calls, replies and events, each with this probability. What is
 * delayed keeps its place in the order.
 */
export type MessageFault =
  | { fault: 'drop'; forMs: number; share: number; seed: number }
  | { fault: 'duplicate'; forMs: number; share: number; seed: number }
  | { fault: 'delay'; forMs: number; share: number; seed: number; ms: number }

/** What befalls an actor's messages; undefined before the first fault of that kind, with which its code is loaded. */
export interface ActiveFaults {
  messages: MessageFaults | undefined
}

export type FaultName = ActorFault['fault'] | 'kill'
