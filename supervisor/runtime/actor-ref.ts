import * as Comlink from 'comlink'
import type { Transferable } from 'node:worker_threads'
import type { AnyContract, ApiOf, EventsOf } from './contract.ts'
import { thrownReply } from './error-codec.ts'
import { ActorDown, CallAborted, DeadlineExceeded } from './errors.ts'
import type { Port } from './port.ts'
import { isCallFrame, isEventFrame, type CallFrame } from './wire.ts'

export interface CallOptions {
  /** How long to wait for the answer, ms. @default the contract's */
  deadlineMs?: number
  signal?: AbortSignal
}

/** A handle on an actor that stays good when the actor behind it dies and comes back. */
export interface ActorRef<C> {
  readonly name: string
  readonly up: boolean
  /** Its methods. Calls made while it is down wait for it, within their deadline. */
  readonly call: Comlink.Remote<ApiOf<C>>
  /** Its methods, with another deadline or an AbortSignal. */
  with(options: CallOptions): Comlink.Remote<ApiOf<C>>
  /** Events come at most once, in the order in which the actor raised them. @returns the end of the subscription */
  on<E extends keyof EventsOf<C> & string>(event: E, handler: (data: EventsOf<C>[E]) => void): () => void
  /** Called whenever the actor came up: now, if it is up, and after each restart. */
  onUp(handler: () => void): () => void
}

interface Pending {
  frame: CallFrame
  transfer: readonly Transferable[]
  method: string
  /** Posted to a live actor, so that it may have been carried out. */
  sent: boolean
  release(): void
}

/**
 * The side of an ActorRef that its owner drives: `attach` gives it a port, `detach` takes it away.
 *
 * Comlink makes the proxy once and speaks its own protocol over the endpoint below; what Comlink lacks sits in that
 * endpoint: calls wait until a port is there, every call is in the pending table, and a death, deadline or abort
 * settles it with a reply made here.
 */
export class ActorLink<C extends AnyContract> implements ActorRef<C> {
  readonly call: Comlink.Remote<ApiOf<C>>
  readonly #contract: C
  readonly #replies = new Set<(event: MessageEvent) => void>()
  readonly #pending = new Map<string, Pending>()
  readonly #handlers = new Map<string, Set<(data: never) => void>>()
  readonly #upHandlers = new Set<() => void>()
  #port: Port | undefined
  #gone: ActorDown | undefined
  #options: CallOptions = {}

  constructor(contract: C) {
    this.#contract = contract
    this.call = Comlink.wrap<ApiOf<C>>({
      postMessage: (message: CallFrame, transfer?: Transferable[]) => this.#accept(message, transfer ?? []),
      addEventListener: (_type, listener) =>
        void this.#replies.add(listener as (event: MessageEvent) => void),
      removeEventListener: (_type, listener) =>
        void this.#replies.delete(listener as (event: MessageEvent) => void),
    } satisfies Comlink.Endpoint)
  }

  get name(): string {
    return this.#contract.name
  }

  get up(): boolean {
    return this.#port !== undefined
  }

  with(options: CallOptions): Comlink.Remote<ApiOf<C>> {
    // Comlink posts a call before its proxy returns, so what is set here is read by that call and no other.
    const call = this.call as unknown as Record<string, (...args: unknown[]) => unknown>
    return new Proxy(this.call, {
      get: (_target, method: string) => {
        return (...args: unknown[]) => {
          this.#options = options
          try {
            return call[method]?.(...args)
          } finally {
            this.#options = {}
          }
        }
      },
    })
  }

  on<E extends keyof EventsOf<C> & string>(event: E, handler: (data: EventsOf<C>[E]) => void): () => void {
    let handlers = this.#handlers.get(event)
    if (!handlers) {
      handlers = new Set()
      this.#handlers.set(event, handlers)
      this.#port?.post({ subscribe: event })
    }
    handlers.add(handler)
    return () => handlers.delete(handler)
  }

  onUp(handler: () => void): () => void {
    this.#upHandlers.add(handler)
    if (this.up) handler()
    return () => this.#upHandlers.delete(handler)
  }

  /** The actor is up and answers on `port`. */
  attach(port: Port): void {
    this.#port = port
    this.#gone = undefined
    port.onMessage((message) => {
      if (this.#port === port) this.#receive(message)
    })
    for (const event of this.#handlers.keys()) port.post({ subscribe: event })
    for (const pending of this.#pending.values()) this.#send(port, pending)
    for (const handler of this.#upHandlers) handler()
  }

  /** The actor died: calls in flight settle now; calls not yet sent, and idempotent ones, wait for the next port. */
  detach(incarnation: number, reason: string): void {
    this.#port?.close()
    this.#port = undefined
    for (const [id, pending] of this.#pending) {
      if (!pending.sent) continue
      if (this.#contract.idempotent.has(pending.method) && pending.transfer.length === 0) pending.sent = false
      else this.#fail(id, new ActorDown(this.name, incarnation, reason))
    }
  }

  /** The actor is not coming back by itself: everything that waits is told so, and so is every later call. */
  abandon(incarnation: number, reason: string): void {
    this.detach(incarnation, reason)
    const gone = new ActorDown(this.name, incarnation, reason)
    this.#gone = gone
    for (const id of [...this.#pending.keys()]) this.#fail(id, gone)
  }

  #accept(frame: CallFrame, transfer: readonly Transferable[]): void {
    const method = frame.path?.join('.') ?? frame.type
    const { signal, deadlineMs = this.#contract.deadlines[method] ?? this.#contract.deadlineMs } =
      this.#options
    const fail = (error: Error) => this.#fail(frame.id, error)
    const onAbort = () => fail(new CallAborted(this.name, method, { cause: signal?.reason }))
    const timer = setTimeout(() => fail(new DeadlineExceeded(this.name, method, deadlineMs)), deadlineMs)
    const pending: Pending = {
      frame,
      transfer,
      method,
      sent: false,
      release() {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      },
    }
    this.#pending.set(frame.id, pending)
    signal?.addEventListener('abort', onAbort)
    if (this.#gone) fail(this.#gone)
    else if (signal?.aborted) onAbort()
    else if (this.#port) this.#send(this.#port, pending)
  }

  #send(port: Port, pending: Pending): void {
    pending.sent = true
    try {
      port.post(pending.frame, pending.transfer)
    } catch (error) {
      // What cannot be cloned never left: the caller gets the reason as its answer.
      this.#fail(pending.frame.id, error instanceof Error ? error : new Error(String(error)))
    }
  }

  #receive(message: unknown): void {
    if (isCallFrame(message)) this.#settle(message.id, message)
    else if (isEventFrame(message)) {
      for (const handler of this.#handlers.get(message.event) ?? []) handler(message.data as never)
    }
  }

  #fail(id: string, error: Error): void {
    this.#settle(id, thrownReply(id, error))
  }

  #settle(id: string, reply: unknown): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    pending.release()
    for (const listener of this.#replies) listener({ data: reply } as MessageEvent)
  }
}
