import * as Comlink from './comlink.ts'
import type { Transferable } from 'node:worker_threads'
import { Borrowed, borrowedBehind } from './borrowed.ts'
import { faultReply } from './error-codec.ts'
import { transfersOf } from './transfer.ts'
import type { CallbackFrame, CallFrame, ReplyFrame } from './wire.ts'

/** What this side lent; `target` is held by it. */
interface Lent {
  readonly target: object
  deliver(frame: CallFrame): void
}

/**
 * Callbacks and proxies that were passed across one port. Comlink gives each a MessagePort, which has to be closed by
 * somebody and does not reach a process; here they share the port that is there, and end with it at the latest. A
 * borrowed proxy that is collected as garbage gives its number back, as does Comlink's `releaseProxy`.
 */
export class Callbacks {
  readonly #send: (frame: CallbackFrame, transfer: readonly Transferable[]) => void
  readonly #lent = new Map<number, Lent>()
  readonly #borrowed = new Map<number, Borrowed>()
  #next = 1

  constructor(send: (frame: CallbackFrame, transfer: readonly Transferable[]) => void) {
    this.#send = send
  }

  /** How many of either kind are open. */
  get open(): number {
    return this.#lent.size + this.#borrowed.size
  }

  lend(target: object): number {
    const number = this.#next++
    const passedOn = borrowedBehind(target)
    const deliver = passedOn ? this.#relay(number, passedOn) : this.#expose(number, target)
    this.#lent.set(number, { target, deliver })
    return number
  }

  borrow(number: number): unknown {
    const borrowed = new Borrowed({
      send: (frame, transfer) => this.#send({ callback: number, to: 'owner', frame }, transfer),
      ended: () => this.#borrowed.delete(number),
    })
    this.#borrowed.set(number, borrowed)
    return borrowed.proxy()
  }

  receive({ callback, to, frame }: CallbackFrame): void {
    if (to === 'owner') this.#lent.get(callback)?.deliver(frame as CallFrame)
    else this.#borrowed.get(callback)?.deliver(frame)
  }

  /**
   * A frame could not be put on the wire: who waits here for its answer is told why.
   * @returns what is to be sent in its place, to who waits for it there
   */
  refused({ callback, to, frame }: CallbackFrame, error: unknown): CallbackFrame | undefined {
    const { id } = frame as CallFrame
    if (to === 'holder') return { callback, to, frame: faultReply(id, error) }
    const reason = error instanceof Error ? error : new Error(String(error))
    this.#borrowed.get(callback)?.refuse(id, reason)
    return undefined
  }

  /** The port is gone: nothing that was lent over it can be called any more. */
  end(error: Error): void {
    this.#lent.clear()
    const borrowed = [...this.#borrowed.values()]
    this.#borrowed.clear()
    for (const one of borrowed) one.end(error)
  }

  /** Comlink answers what is called of `target`. */
  #expose(number: number, target: object): Lent['deliver'] {
    let listener: (event: MessageEvent) => void = () => {}
    Comlink.expose(target, {
      postMessage: (frame: ReplyFrame, transfer?: readonly Transferable[]) =>
        this.#send({ callback: number, to: 'holder', frame }, transfersOf(frame, transfer)),
      addEventListener: (_type, added) => void (listener = added as typeof listener),
      // Comlink stops listening when the holder has released it.
      removeEventListener: () => void this.#lent.delete(number),
    } satisfies Comlink.Endpoint)
    return (frame) => listener({ data: frame } as MessageEvent)
  }

  /** What was borrowed elsewhere is asked there. */
  #relay(number: number, borrowed: Borrowed): Lent['deliver'] {
    return (frame) => {
      if (frame.type === 'RELEASE') this.#lent.delete(number)
      else borrowed.relay(frame, (reply) => this.#send({ callback: number, to: 'holder', frame: reply }, []))
    }
  }
}
