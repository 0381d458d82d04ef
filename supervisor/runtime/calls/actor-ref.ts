import type * as Comlink from 'comlink'
import type { ApiOf, EventsOf } from '../contract.ts'

export interface CallOptions {
  /** How long to wait for the answer, ms. @default the contract's */
  deadlineMs?: number
  signal?: AbortSignal
}

/** The methods of an actor as one-way messages. */
export type OneWay<Api> = {
  [Method in keyof Api]: Api[Method] extends (...args: infer Args) => unknown
    ? (...args: Args) => void
    : never
}

/** A handle on an actor that stays good when the actor behind it dies and comes back. */
export interface ActorRef<C> {
  readonly name: string
  readonly up: boolean
  /** Its methods. Calls made while it is down wait for it, within their deadline. */
  readonly call: Comlink.Remote<ApiOf<C>>
  /**
   * Its methods, without an answer: delivered at most once, in order with the calls, and lost when the actor is down.
   * What a method throws that was called this way ends the actor, since nobody else is there to be told.
   */
  readonly send: OneWay<ApiOf<C>>
  /** Its methods, with another deadline or an AbortSignal. */
  with(options: CallOptions): Comlink.Remote<ApiOf<C>>
  /** Events come at most once, in the order in which the actor raised them. @returns the end of the subscription */
  on<E extends keyof EventsOf<C> & string>(event: E, handler: (data: EventsOf<C>[E]) => void): () => void
  /**
   * Called whenever the actor came up: now, if it is up, and after each restart; and when events of it went missing.
   * The time to ask for what one may have missed.
   */
  onUp(handler: () => void): () => void
}
