import * as Comlink from 'comlink'
import type { Transferable } from 'node:worker_threads'
import { faultReply, thrownReply } from './error-codec.ts'
import type { CallbackFrame, CallFrame } from './wire.ts'
import type { Passage } from './values.ts'

type Listener = (event: MessageEvent) => void

/** What this side lent: Comlink answers on it. */
interface Lent {
  deliver(frame: unknown): void
}
/** What this side borrowed, with the calls that are under way to its owner. */
interface Borrowed {
  deliver(frame: unknown): void
  /** The owner will not answer any more. */
  fail(error: Error): void
}

/**
 * Callbacks and proxies that were passed across one port. Comlink gives each a MessagePort, which has to be closed by
 * somebody and does not reach a process; here they share the port that is there, and end with it at the latest. A
 * borrowed proxy that is collected as garbage gives its number back, as does Comlink's `releaseProxy`.
 */
export class Callbacks implements Passage {
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
    let listener: Listener = () => {}
    this.#lent.set(number, { deliver: (frame) => listener({ data: frame } as MessageEvent) })
    Comlink.expose(target, {
      postMessage: (frame: unknown, transfer?: Transferable[]) =>
        this.#send({ callback: number, to: 'holder', frame }, transfer ?? []),
      addEventListener: (_type, added) => void (listener = added as Listener),
      // Comlink stops listening when the holder has released it.
      removeEventListener: () => void this.#lent.delete(number),
    } satisfies Comlink.Endpoint)
    return number
  }

  borrow(number: number): unknown {
    const underWay = new Set<string>()
    let released = false
    let listener: Listener = () => {}
    const reply = (frame: unknown) => listener({ data: frame } as MessageEvent)
    // A proxy may be collected while somebody still waits for an answer: that one has to arrive.
    const forget = () => {
      if (released && underWay.size === 0) this.#borrowed.delete(number)
    }
    this.#borrowed.set(number, {
      deliver(frame) {
        underWay.delete(String((frame as CallFrame).id))
        reply(frame)
        forget()
      },
      fail(error) {
        for (const id of underWay) reply(thrownReply(id, error))
      },
    })
    return Comlink.wrap({
      postMessage: (frame: CallFrame, transfer?: Transferable[]) => {
        const releases = frame.type === 'RELEASE'
        if (!this.#borrowed.has(number)) {
          if (!releases) throw new Error('The other side of this callback is gone')
          return
        }
        if (!releases) underWay.add(String(frame.id))
        this.#send({ callback: number, to: 'owner', frame }, transfer ?? [])
        released ||= releases
        forget()
      },
      addEventListener: (_type, added) => void (listener = added as Listener),
      removeEventListener: () => {},
    } satisfies Comlink.Endpoint)
  }

  receive({ callback, to, frame }: CallbackFrame): void {
    if (to === 'owner') this.#lent.get(callback)?.deliver(frame)
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
    this.#borrowed.get(callback)?.deliver(thrownReply(id, reason))
    return undefined
  }

  /** The port is gone: nothing that was lent over it can be called any more. */
  end(error: Error): void {
    this.#lent.clear()
    const borrowed = [...this.#borrowed.values()]
    this.#borrowed.clear()
    for (const { fail } of borrowed) fail(error)
  }
}
