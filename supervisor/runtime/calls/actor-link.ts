import type * as Comlink from 'comlink'
import type { Transferable } from 'node:worker_threads'
import { Batch } from '../batch.ts'
import { CallTable } from '../call-table.ts'
import { borrowedBehind } from '../borrowed.ts'
import { Callbacks } from '../callbacks.ts'
import { longestTimerMs, type AnyContract, type ApiOf, type EventsOf } from '../contract.ts'
import type { DeadLetters } from '../dead-letters.ts'
import { ActorDown, CallAborted, DeadlineExceeded } from '../errors.ts'
import type { Port } from '../port.ts'
import { decodeValue, encodeValue } from '../values.ts'
import type { CallFrame, EventFrame, FrameToActor, FrameToCaller, ReplyFrame, WireValue } from '../wire.ts'
import { framesOf, type Posted } from '../packing.ts'
import type { ActorRef, CallOptions, OneWay } from './actor-ref.ts'
import { IncomingStream } from './incoming-stream.ts'
import type { Pending } from './pending.ts'
import { stubsOf } from './stubs.ts'

/** A port to the actor's present life, with what is only good on it. */
interface Line {
  readonly port: Port
  readonly batch: Batch<FrameToActor>
  readonly callbacks: Callbacks
  readonly streams: Map<number, IncomingStream>
  /** Number of the last event that came. */
  heard: number
  /** Calls under way on it, and what they take, bytes. */
  open: number
  bytes: number
}

/**
 * The side of an ActorRef that its owner drives: `attach` gives it a port, `detach` takes it away.
 *
 * It speaks Comlink's protocol with a stub per method. What Comlink lacks is here: calls wait until a port is there,
 * every call is in the pending table, and a death, deadline or abort settles it.
 */
export class ActorLink<C extends AnyContract> implements ActorRef<C> {
  readonly call: Comlink.Remote<ApiOf<C>>
  readonly send: OneWay<ApiOf<C>>
  readonly #contract: C
  readonly #letters: DeadLetters
  /** In the order in which they were made, which is the order in which they are sent. */
  readonly #pending = new CallTable<Pending>()
  readonly #handlers = new Map<string, Set<(data: never) => void>>()
  readonly #upHandlers = new Set<() => void>()
  readonly #paths = new Map<string, readonly string[]>()
  #nextId = 1
  /** None with a lower number waits to be sent. */
  #firstHeld = 1
  #line: Line | undefined
  #gone: ActorDown | undefined
  #window: { messages: number; bytes: number } | undefined
  /** Calls that were made and not sent yet, though the actor is up: the window was full. */
  #held = 0
  /** Callbacks ever lent: they are good on one port only. */
  #lent = 0

  constructor(contract: C, letters: DeadLetters) {
    this.#contract = contract
    this.#letters = letters
    // The stubs are made by name when first used, so their types are the contract's word.
    this.call = stubsOf(
      (method) =>
        (...args) =>
          this.#call(method, args, {}),
    ) as Comlink.Remote<ApiOf<C>>
    this.send = stubsOf(
      (method) =>
        (...args) =>
          this.#sendOneWay(method, args),
    ) as OneWay<ApiOf<C>>
  }

  get name(): string {
    return this.#contract.name
  }

  get up(): boolean {
    return this.#line !== undefined
  }

  /** Callbacks and proxies open across its port. */
  get callbacks(): number {
    return this.#line?.callbacks.open ?? 0
  }

  with(options: CallOptions): Comlink.Remote<ApiOf<C>> {
    return stubsOf(
      (method) =>
        (...args) =>
          this.#call(method, args, options),
    ) as Comlink.Remote<ApiOf<C>>
  }

  on<E extends keyof EventsOf<C> & string>(event: E, handler: (data: EventsOf<C>[E]) => void): () => void {
    let handlers = this.#handlers.get(event)
    if (!handlers) {
      handlers = new Set()
      this.#handlers.set(event, handlers)
      this.#line?.batch.add({ subscribe: event }, [])
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
    const batch = new Batch<FrameToActor>(port, (frame, error) => this.#notCloneable(line, frame, error))
    const callbacks = new Callbacks((frame, transfer) => batch.add(frame, transfer))
    const line: Line = { port, batch, callbacks, streams: new Map(), heard: 0, open: 0, bytes: 0 }
    this.#line = line
    this.#gone = undefined
    this.#window = undefined
    port.onMessage((posted) => {
      if (this.#line !== line) return
      for (const frame of framesOf(posted as Posted<FrameToCaller>)) this.#receive(line, frame)
    })
    for (const event of this.#handlers.keys()) batch.add({ subscribe: event }, [])
    this.#held = this.#pending.size
    this.#firstHeld = this.#pending.entries[0]?.[0] ?? this.#nextId
    this.#sendHeld(line)
    for (const handler of this.#upHandlers) handler()
  }

  /** The actor died: calls in flight settle now; calls not yet sent, and idempotent ones, wait for the next port. */
  detach(incarnation: number, reason: string): void {
    const line = this.#line
    this.#line = undefined
    const down = new ActorDown(this.name, incarnation, reason)
    for (const [id, pending] of this.#pending.entries) {
      // What it lends was for the life that is over, and one-way messages wait for nobody.
      const waits = pending.sent ? pending.frame !== undefined : !pending.lends && !pending.oneWay
      if (waits) pending.sent = false
      else this.#down(id, pending, down)
    }
    if (!line) return
    for (const stream of [...line.streams.values()]) stream.fail(down)
    line.callbacks.end(down)
    line.port.close()
  }

  /** The actor is not coming back by itself: everything that waits is told so, and so is every later call. */
  abandon(incarnation: number, reason: string): void {
    this.detach(incarnation, reason)
    const gone = new ActorDown(this.name, incarnation, reason)
    this.#gone = gone
    for (const [id, pending] of this.#pending.entries) this.#down(id, pending, gone)
  }

  /** One array per method: in a batch, a clone of the same array is a mere reference to the first. */
  #path(method: string): readonly string[] {
    let path = this.#paths.get(method)
    if (!path) this.#paths.set(method, (path = [method]))
    return path
  }

  async #call(method: string, args: readonly unknown[], options: CallOptions): Promise<unknown> {
    const id = this.#nextId++
    const { signal, deadlineMs = this.#contract.deadlines[method] ?? this.#contract.deadlineMs } = options
    const reply = await new Promise<ReplyFrame>((settle, fail) => {
      if (signal?.aborted) {
        this.#letters.add(this.name, method, 'aborted')
        return fail(this.#aborted(signal, method))
      }
      this.#make(id, method, args, deadlineMs, settle, fail)
      if (signal) this.#heed(signal, id, method)
    })
    // An error that is thrown after the wait carries the caller's stack beside the actor's own.
    return reply.type === 'RAW' ? reply.value : this.#decoded(reply)
  }

  #make(
    id: number,
    method: string,
    args: readonly unknown[],
    deadlineMs: number,
    settle: (reply: ReplyFrame) => void,
    fail: (error: Error) => void,
  ): void {
    if (this.#gone) {
      this.#letters.add(this.name, method, 'actor-down')
      return fail(this.#gone)
    }
    const line = this.#line
    const transfer: Transferable[] = []
    const { argumentList, bytes, lends } = this.#encoded(args, transfer)
    const timer =
      deadlineMs <= longestTimerMs
        ? setTimeout(() => {
            this.#giveUp(id, 'deadline', new DeadlineExceeded(this.name, method, deadlineMs))
          }, deadlineMs)
        : undefined
    const pending: Pending = {
      method,
      deadlineMs,
      bytes,
      frame: { id, type: 'APPLY', path: this.#path(method), argumentList },
      transfer,
      once: lends || transfer.length > 0 || !this.#contract.idempotent.has(method),
      lends,
      oneWay: false,
      sent: false,
      settle(reply) {
        clearTimeout(timer)
        settle(reply)
      },
      fail(error) {
        clearTimeout(timer)
        fail(error)
      },
    }
    this.#pending.add(id, pending)
    if (!line) return
    this.#held++
    this.#sendHeld(line)
  }

  /** Sends what waits, in order, as far as the window reaches. */
  #sendHeld(line: Line): void {
    if (this.#held === 0) return
    // The usual case: the call just made, which is the last of the table.
    const last = this.#nextId - 1
    if (this.#held === 1 && this.#pending.get(last)?.sent === false) this.#firstHeld = last
    while (this.#held > 0 && this.#firstHeld < this.#nextId) {
      const pending = this.#pending.get(this.#firstHeld)
      const waits = pending?.sent === false
      if (waits && !this.#hasRoom(line, pending)) return
      this.#firstHeld++
      if (waits) this.#post(line, pending)
    }
  }

  #hasRoom(line: Line, { bytes, oneWay }: Pending): boolean {
    if (this.#contract.mailbox.whenFull === 'reject' || line.open === 0 || oneWay) return true
    // Until the actor has said how much, one call at a time.
    if (!this.#window) return false
    return line.open < this.#window.messages && line.bytes + bytes <= this.#window.bytes
  }

  #post(line: Line, pending: Pending): void {
    const { frame, transfer } = pending
    if (!frame) return
    pending.sent = true
    this.#held--
    if (pending.oneWay) {
      this.#pending.delete(-Number(frame.id))
      return line.batch.add(frame, transfer)
    }
    line.open++
    line.bytes += pending.bytes
    line.batch.add(frame, transfer, this.#pending.size === 1)
    if (pending.once) pending.frame = undefined
  }

  #sendOneWay(method: string, args: readonly unknown[]): void {
    const line = this.#line
    if (!line) return this.#letters.add(this.name, method, 'actor-down')
    const transfer: Transferable[] = []
    const { argumentList, bytes, lends } = this.#encoded(args, transfer)
    const id = this.#nextId++
    const frame: CallFrame = { id: -id, type: 'APPLY', path: this.#path(method), argumentList }
    if (this.#held === 0) return line.batch.add(frame, transfer)
    // It does not overtake the calls that wait for room.
    this.#held++
    this.#pending.add(id, {
      method,
      bytes,
      frame,
      transfer,
      lends,
      once: true,
      oneWay: true,
      sent: false,
      deadlineMs: Infinity,
      settle: () => {},
      fail: () => {},
    })
  }

  #encoded(
    args: readonly unknown[],
    transfer: Transferable[],
  ): { argumentList: WireValue[]; bytes: number; lends: boolean } {
    let bytes = 0
    const passage = this.#passage
    const lentBefore = this.#lent
    const argumentList = args.map((value) => {
      const encoded = encodeValue(value, passage, transfer)
      bytes += encoded.bytes
      return encoded.value
    })
    return { argumentList, bytes, lends: this.#lent > lentBefore }
  }

  readonly #passage = {
    lend: (target: object): number => {
      if (!this.#line) throw new ActorDown(this.name, 0, 'a callback cannot wait for an actor that is away')
      this.#lent++
      return this.#line.callbacks.lend(target)
    },
    borrow: (number: number): unknown => this.#line?.callbacks.borrow(number),
    isBorrowed: (target: object): boolean => borrowedBehind(target) !== undefined,
  }

  #aborted(signal: AbortSignal, method: string): CallAborted {
    return new CallAborted(this.name, method, { cause: signal.reason })
  }

  #heed(signal: AbortSignal, id: number, method: string): void {
    const abort = () => this.#giveUp(id, 'aborted', this.#aborted(signal, method))
    const pending = this.#pending.get(id)
    if (!pending) return
    signal.addEventListener('abort', abort, { once: true })
    const { settle, fail } = pending
    pending.settle = (reply) => {
      signal.removeEventListener('abort', abort)
      settle(reply)
    }
    pending.fail = (error) => {
      signal.removeEventListener('abort', abort)
      fail(error)
    }
  }

  /** The caller stops waiting; the actor is told, so that it need not go on. */
  #giveUp(id: number, reason: 'deadline' | 'aborted', error: Error): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#letters.add(this.name, pending.method, reason)
    if (pending.sent) this.#line?.batch.add({ cancel: id }, [])
    this.#settled(id, pending).fail(error)
  }

  #down(id: number, pending: Pending, error: ActorDown): void {
    this.#letters.add(this.name, pending.method, 'actor-down')
    this.#settled(id, pending).fail(error)
  }

  #settled(id: number, pending: Pending): Pending {
    this.#pending.delete(id)
    const line = this.#line
    if (!line) return pending
    if (pending.sent) {
      line.open--
      line.bytes -= pending.bytes
    } else this.#held--
    if (this.#held > 0) this.#sendHeld(line)
    return pending
  }

  #receive(line: Line, frame: FrameToCaller): void {
    if ('id' in frame) this.#answered(line, frame)
    else if ('event' in frame) this.#hear(line, frame)
    else if ('told' in frame) this.#missed(line, frame.told)
    else if ('window' in frame) {
      this.#window = frame.window
      this.#sendHeld(line)
    } else if ('callback' in frame) line.callbacks.receive(frame)
    else line.streams.get(frame.stream)?.receive(frame)
  }

  #answered(line: Line, frame: ReplyFrame): void {
    const id = Number(frame.id)
    const pending = this.#pending.get(id)
    const begins = frame.type === 'HANDLER' && frame.name === 'stream'
    if (pending) {
      if (begins) line.streams.set(id, this.#stream(line, id, pending))
      this.#settled(id, pending).settle(frame)
      // Nobody waits for it; unless it came twice.
    } else if (begins && !line.streams.has(id)) line.batch.add({ stream: id, close: true }, [])
  }

  #hear(line: Line, { event, n, data }: EventFrame): void {
    // An event that came before comes twice; one that is too far ahead means that others were lost.
    if (n <= line.heard) return this.#letters.add(this.name, event, 'duplicate')
    this.#missed(line, n - 1)
    line.heard = n
    for (const handler of this.#handlers.get(event) ?? []) handler(data as never)
  }

  /** `told` events were sent before now. When some did not come, whoever listens is to look anew. */
  #missed(line: Line, told: number): void {
    if (told <= line.heard) return
    line.heard = told
    for (const handler of this.#upHandlers) handler()
  }

  #decoded(reply: ReplyFrame): unknown {
    if (reply.type === 'RAW' || reply.name !== 'stream') return decodeValue(reply, this.#passage)
    const stream = this.#line?.streams.get(Number(reply.id))
    if (!stream) throw new ActorDown(this.name, 0, 'it died before its stream began')
    return stream
  }

  #stream(line: Line, id: number, { method, deadlineMs }: Pending): IncomingStream {
    return new IncomingStream(id, {
      actor: this.name,
      method,
      deadlineMs,
      demand: (frame) => line.batch.add(frame, []),
      ended: () => line.streams.delete(id),
    })
  }

  #notCloneable(line: Line, frame: FrameToActor, error: unknown): FrameToActor | undefined {
    const id = 'id' in frame ? Number(frame.id) : 0
    const pending = this.#pending.get(id)
    this.#letters.add(this.name, pending?.method ?? 'a message', 'not-cloneable')
    // What cannot be cloned never left: the caller gets the reason as its answer.
    if (pending) this.#settled(id, pending).fail(error instanceof Error ? error : new Error(String(error)))
    return 'callback' in frame ? line.callbacks.refused(frame, error) : undefined
  }
}
