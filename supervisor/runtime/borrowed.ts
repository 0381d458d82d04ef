import * as Comlink from './comlink.ts'
import type { Transferable } from 'node:worker_threads'
import { faultReply, thrownReply } from './error-codec.ts'
import { transfersOf } from './transfer.ts'
import type { CallFrame } from './wire.ts'

/** Who waits for the answer to one call of something borrowed. */
interface Asker {
  answer(reply: unknown): void
  fail(error: Error): void
}

const byProxy = new WeakMap<object, Borrowed>()

/** @returns what is behind the proxy, if it is one of something borrowed */
export function borrowedBehind(proxy: object): Borrowed | undefined {
  return byProxy.get(proxy)
}

/**
 * Something of the other side that this side may call, with the calls that are under way to its owner. Who holds the
 * proxy can lend it to a third side, whose calls then pass through here.
 */
export class Borrowed {
  readonly #send: (frame: CallFrame, transfer: readonly Transferable[]) => void
  readonly #ended: () => void
  readonly #underWay = new Map<string, Asker>()
  #released = false
  #over = false

  /** @param on.ended is called when nobody holds it any more and nobody waits for an answer */
  constructor(on: { send(frame: CallFrame, transfer: readonly Transferable[]): void; ended(): void }) {
    this.#send = on.send
    this.#ended = on.ended
  }

  /** A Comlink proxy of it. It gives itself back when it is released, or collected as garbage. */
  proxy(): object {
    let listener: (event: MessageEvent) => void = () => {}
    const answer = (reply: unknown) => listener({ data: reply } as MessageEvent)
    const proxy = Comlink.wrap<object>({
      postMessage: (frame: CallFrame, transfer?: readonly Transferable[]) => {
        if (frame.type === 'RELEASE') return this.#release(frame)
        this.ask(frame, transfersOf(frame, transfer), {
          answer,
          fail: (error) => answer(thrownReply(frame.id, error)),
        })
      },
      addEventListener: (_type, added) => void (listener = added as typeof listener),
      removeEventListener: () => {},
    } satisfies Comlink.Endpoint)
    byProxy.set(proxy, this)
    return proxy
  }

  /** Has a call carried out by the owner. @param answer is given the reply, as it came or as it would have come */
  relay(frame: CallFrame, answer: (reply: unknown) => void): void {
    this.ask(frame, [], { answer, fail: (error) => answer(faultReply(frame.id, error)) })
  }

  ask(frame: CallFrame, transfer: readonly Transferable[], asker: Asker): void {
    if (this.#over) return asker.fail(new Error('The other side of this callback is gone'))
    this.#underWay.set(String(frame.id), asker)
    this.#send(frame, transfer)
  }

  deliver(reply: unknown): void {
    this.#take((reply as CallFrame).id)?.answer(reply)
  }

  /** A call could not be put on the wire. */
  refuse(id: number | string, error: Error): void {
    this.#take(id)?.fail(error)
  }

  /** The owner will not answer any more. */
  end(error: Error): void {
    this.#over = true
    const askers = [...this.#underWay.values()]
    this.#underWay.clear()
    for (const { fail } of askers) fail(error)
  }

  #take(id: number | string): Asker | undefined {
    const asker = this.#underWay.get(String(id))
    this.#underWay.delete(String(id))
    this.#endIfIdle()
    return asker
  }

  #release(frame: CallFrame): void {
    if (this.#over) return
    this.#send(frame, [])
    this.#released = true
    this.#endIfIdle()
  }

  /** A proxy may be collected while somebody still waits for an answer: that one has to arrive. */
  #endIfIdle(): void {
    if (this.#released && this.#underWay.size === 0) this.#ended()
  }
}
