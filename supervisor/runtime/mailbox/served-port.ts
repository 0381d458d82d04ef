import * as Comlink from '../comlink.ts'
import type { Transferable } from 'node:worker_threads'
import { Batch } from '../batch.ts'
import { CallTable } from '../call-table.ts'
import type { Callbacks } from '../callbacks.ts'
import { encodeFault, faultReply } from '../error-codec.ts'
import { ActorError, UnknownMethod } from '../errors.ts'
import type { FaultyWay, MessageFaults } from '../faults/message-faults.ts'
import { late } from '../late.ts'
import type { Port } from '../port.ts'
import { decodeValue, encodeValue, measureArguments, type Passage } from '../values.ts'
import { transfersOf } from '../transfer.ts'
import type {
  CallFrame,
  CancelFrame,
  EventFrame,
  FrameToActor,
  FrameToCaller,
  ReplyFrame,
  ToldFrame,
} from '../wire.ts'
import { framesOf, type Posted } from '../packing.ts'
import { IncomingCall } from './incoming-call.ts'
import type { Letter } from './mailbox.ts'
import type { OutgoingStream } from './outgoing-stream.ts'
import type { Service } from './service.ts'

/** A call between its arrival and its answer. */
interface Taken {
  call: IncomingCall
  letter: Letter
}

/** What message faults may befall on its way to the caller. */
interface Leaving {
  frame: ReplyFrame | EventFrame | ToldFrame
  transfer: readonly Transferable[]
}

/** Both directions of a port on which messages may go astray. */
interface FaultyWays {
  arriving: FaultyWay<CallFrame | CancelFrame>
  leaving: FaultyWay<Leaving>
}

/**
 * One caller's port, seen from the actor that answers on it. Calls of our own stubs are numbered and take a short way;
 * what else plain Comlink may say (its ids are text) is answered by Comlink itself.
 */
export class ServedPort {
  readonly #caller: string
  readonly #service: Service
  readonly #batch: Batch<FrameToCaller>
  readonly #subscribed = new Set<string>()
  readonly #taken = new CallTable<Taken>()
  /** Of plain Comlink, whose ids are text. */
  readonly #takenPlain = new Map<string, Taken>()
  readonly #streams = new Map<number, OutgoingStream>()
  #callbacks: Callbacks | undefined
  #comlink: ((frame: CallFrame, done: () => void) => void) | undefined
  #faulty: FaultyWays | undefined
  #lastId = 0
  #told = 0
  #toldBefore = 0

  constructor(port: Port, caller: string, service: Service) {
    this.#caller = caller
    this.#service = service
    this.#batch = new Batch(port, (frame, error) => this.#notCloneable(frame, error))
    port.onMessage((posted) => {
      for (const frame of framesOf(posted as Posted<FrameToActor>)) this.#receive(frame)
    })
    port.onClose(() => this.#end())
  }

  emit(event: string, data: unknown, bytes: number): void {
    if (!this.#subscribed.has(event)) return
    this.#service.recorder?.record('event', this.#caller, event, 0, bytes)
    const frame: EventFrame = { event, n: ++this.#told, data }
    const faulty = this.#leaving
    if (faulty) faulty.pass({ frame, transfer: [] })
    else this.#batch.add(frame, [])
  }

  /** Lets the caller notice when the last events went missing. Called now and then. */
  tellCount(): void {
    if (this.#told === this.#toldBefore) return
    this.#toldBefore = this.#told
    const frame: ToldFrame = { told: this.#told }
    const faulty = this.#leaving
    if (faulty) faulty.follow({ frame, transfer: [] })
    else this.#batch.add(frame, [])
  }

  /** How much the caller may have under way at once. */
  grant(messages: number, bytes: number): void {
    this.#batch.add({ window: { messages, bytes } }, [])
  }

  get callbacks(): number {
    return this.#callbacks?.open ?? 0
  }

  readonly #passage: Passage = {
    lend: (target) => this.#lendable().lend(target),
    borrow: (number) => this.#lendable().borrow(number),
    isBorrowed: (target) => late.borrowed.borrowedBehind(target) !== undefined,
  }

  #lendable(): Callbacks {
    return (this.#callbacks ??= new late.callbacks.Callbacks((frame, transfer) =>
      this.#batch.add(frame, transfer),
    ))
  }

  /** The way of what arrives while something may befall it; undefined while nothing can. */
  get #arriving(): FaultyWays['arriving'] | undefined {
    const way = this.#ways?.arriving
    return way?.clear === false ? way : undefined
  }

  get #leaving(): FaultyWays['leaving'] | undefined {
    const way = this.#ways?.leaving
    return way?.clear === false ? way : undefined
  }

  get #ways(): FaultyWays | undefined {
    const { messages } = this.#service.faults
    if (messages) this.#faulty ??= this.#waysUnder(messages)
    return this.#faulty
  }

  #waysUnder(faults: MessageFaults): FaultyWays {
    const { name, letters } = this.#service
    return {
      arriving: faults.way({
        deliver: (frame) => ('cancel' in frame ? this.#cancel(frame.cancel) : this.#take(frame)),
        dropped: (frame) => letters.add(name, 'cancel' in frame ? 'cancel' : methodName(frame), 'dropped'),
      }),
      leaving: faults.way({
        deliver: ({ frame, transfer }) => this.#batch.add(frame, transfer),
        dropped: ({ frame }) =>
          letters.add(this.#caller, 'event' in frame ? frame.event : 'a reply', 'dropped'),
      }),
    }
  }

  #receive(frame: FrameToActor): void {
    if ('id' in frame) {
      const faulty = this.#arriving
      if (faulty) faulty.pass(frame)
      else this.#take(frame)
    } else if ('subscribe' in frame) this.#subscribed.add(frame.subscribe)
    else if ('cancel' in frame) this.#takeCancel(frame)
    else if ('callback' in frame) this.#callbacks?.receive(frame)
    else if ('pull' in frame) this.#streams.get(frame.stream)?.pull(frame.pull)
    else if ('stream' in frame) this.#streams.get(frame.stream)?.close()
  }

  #take(frame: CallFrame): void {
    const { id } = frame
    if (typeof id === 'string') return this.#takePlain(frame, id)
    // Numbers only grow, a one-way call's below zero: what comes again was carried out already.
    const number = Math.abs(id)
    const method = methodName(frame)
    if (number <= this.#lastId) return this.#service.letters.add(this.#service.name, method, 'duplicate')
    this.#lastId = number
    const { recorder, recorded } = this.#service
    const bytes = measureArguments(frame.argumentList)
    const payload = recorder && recorded.has(method) ? late.payload.payloadOf(frame) : undefined
    const takenAt = performance.now()
    recorder?.record(id > 0 ? 'call' : 'send', this.#caller, method, number, bytes, payload, takenAt)
    const call = new IncomingCall(this.#caller, method)
    let waited = false
    const letter: Letter = {
      bytes,
      open: (done) => this.#carryOut(frame, number, call, waited ? performance.now() : takenAt, done),
    }
    this.#taken.add(number, { call, letter })
    // The senders of one-way messages know no window, so these never wait at the door.
    const refusal = this.#service.mailbox.take(letter, id > 0)
    waited = true
    if (refusal) this.#refuse(id, method, refusal)
  }

  #carryOut(frame: CallFrame, number: number, call: IncomingCall, startedAt: number, done: () => void): void {
    const service = this.#service
    // Its caller went while it waited.
    if (call.cancelled) return done()
    const finish = (failed: boolean, reply: () => void) => {
      this.#taken.delete(number)
      // First what somebody waits for.
      if (!call.cancelled) reply()
      done()
      const now = performance.now()
      service.meter.answered(now - startedAt, failed)
      service.recorder?.record(
        failed ? 'error' : 'reply',
        this.#caller,
        call.method,
        number,
        0,
        undefined,
        now,
      )
    }
    const fail = (error: unknown) =>
      finish(true, () => {
        // Nobody waits for the answer of a one-way call: its failure is the actor's own.
        if (frame.id === number) this.#reply(faultReply(number, error), [])
        else
          queueMicrotask(() => {
            throw error
          })
      })
    const succeed = (value: unknown) =>
      finish(false, () => {
        if (frame.id === number) this.#answer(number, value)
      })
    const method = methodOf(service, call.method)
    if (!method) {
      service.letters.add(service.name, call.method, 'unknown-method')
      return fail(new UnknownMethod(service.name, call.method))
    }
    let result: unknown
    service.current = call
    try {
      result = method.apply(service.api, this.#argumentsOf(frame))
    } catch (error) {
      return fail(error)
    } finally {
      service.current = undefined
    }
    if (result instanceof Promise) void result.then(succeed, fail)
    else succeed(result)
  }

  #argumentsOf(frame: CallFrame): unknown[] {
    return (frame.argumentList ?? []).map((value) => decodeValue(value, this.#passage))
  }

  #answer(id: number, value: unknown): void {
    if (isAsyncIterable(value)) {
      const stream = new late.outgoingStream.OutgoingStream(id, value, {
        send: (supply) => this.#batch.add(supply, []),
        ended: () => this.#streams.delete(id),
      })
      this.#streams.set(id, stream)
      return this.#reply({ id, type: 'HANDLER', name: 'stream', value: undefined }, [])
    }
    const transfer: Transferable[] = []
    let encoded: ReplyFrame
    try {
      encoded = encodeValue(value, this.#passage, transfer).value as ReplyFrame
    } catch (error) {
      return this.#reply(faultReply(id, error), [])
    }
    encoded.id = id
    this.#reply(encoded, transfer)
  }

  #reply(frame: ReplyFrame, transfer: readonly Transferable[]): void {
    const faulty = this.#leaving
    if (!faulty) this.#batch.add(frame, transfer, this.#service.mailbox.depth <= 1)
    else if (transfer.length === 0) faulty.pass({ frame, transfer })
    // What is transferred is there once: it can be neither lost nor sent twice.
    else faulty.follow({ frame, transfer })
  }

  #refuse(id: number | string, method: string, refusal: ActorError): void {
    const number = typeof id === 'string' ? 0 : Math.abs(id)
    if (typeof id === 'string') this.#takenPlain.delete(id)
    else this.#taken.delete(number)
    this.#service.letters.add(this.#service.name, method, 'mailbox-full')
    this.#service.recorder?.record('refused', this.#caller, method, number, 0)
    if (typeof id === 'string' || id > 0) this.#batch.add(faultReply(id, refusal), [])
  }

  #takeCancel(frame: CancelFrame): void {
    const faulty = this.#arriving
    if (faulty) faulty.follow(frame)
    else this.#cancel(frame.cancel)
  }

  #cancel(id: number): void {
    // It may have been answered with a stream of which the caller never heard.
    this.#streams.get(id)?.close()
    const taken = this.#taken.get(id)
    if (!taken) return
    this.#service.recorder?.record('cancel', this.#caller, taken.call.method, id, 0)
    taken.call.cancel(new Error('Nobody waits for this call any more'))
    if (this.#service.mailbox.withdraw(taken.letter)) this.#taken.delete(id)
  }

  #takePlain(frame: CallFrame, id: string): void {
    // Plain Comlink reads one frame at a time.
    this.#batch.together = false
    const method = methodName(frame)
    const { name, letters, mailbox } = this.#service
    if (this.#takenPlain.has(id)) return letters.add(name, method, 'duplicate')
    if (frame.type === 'SET' || (frame.type === 'APPLY' && !methodOf(this.#service, method))) {
      letters.add(name, method, 'unknown-method')
      return this.#batch.add(faultReply(id, new UnknownMethod(name, method)), [])
    }
    const call = new IncomingCall(this.#caller, method)
    const letter: Letter = {
      bytes: measureArguments(frame.argumentList),
      open: (done) => {
        this.#service.current = call
        this.#comlink ??= this.#exposed()
        this.#comlink(frame, done)
        this.#service.current = undefined
      },
    }
    this.#takenPlain.set(id, { call, letter })
    const refusal = mailbox.take(letter, false)
    if (refusal) this.#refuse(id, method, refusal)
  }

  /** Comlink's own answers, for the frames of plain Comlink. */
  #exposed(): (frame: CallFrame, done: () => void) => void {
    const underWay = new Map<number | string, () => void>()
    let listener: (event: MessageEvent) => void = () => {}
    Comlink.expose(this.#service.api, {
      postMessage: (reply: ReplyFrame, transfer?: Transferable[]) => {
        underWay.get(reply.id)?.()
        underWay.delete(reply.id)
        this.#takenPlain.delete(String(reply.id))
        this.#batch.add(reply, transfersOf(reply, transfer))
      },
      addEventListener: (_type, added) => void (listener = added as typeof listener),
      removeEventListener: () => {},
    } satisfies Comlink.Endpoint)
    return (frame, done) => {
      underWay.set(frame.id, done)
      listener({ data: frame } as MessageEvent)
    }
  }

  #notCloneable(frame: FrameToCaller, error: unknown): FrameToCaller | undefined {
    const what = 'id' in frame ? 'a reply' : 'stream' in frame ? 'an item' : 'a message'
    this.#service.letters.add(this.#caller, what, 'not-cloneable')
    if ('id' in frame) return faultReply(frame.id, error)
    if ('callback' in frame) return this.#callbacks?.refused(frame, error)
    // An event has no one who could be told: the actor that raised it fails.
    if (!('stream' in frame)) throw error
    const { stream, from } = frame
    this.#streams.get(stream)?.close()
    return { stream, from, fault: encodeFault(error) }
  }

  #end(): void {
    const gone = new Error(`The caller ${this.#caller} is gone`)
    const taken = [...this.#taken.entries.map(([, one]) => one), ...this.#takenPlain.values()]
    this.#taken.clear()
    this.#takenPlain.clear()
    for (const { call } of taken) call.cancel(gone)
    for (const { letter } of taken) this.#service.mailbox.withdraw(letter)
    this.#faulty?.arriving.end()
    this.#faulty?.leaving.end()
    for (const stream of [...this.#streams.values()]) stream.close()
    this.#callbacks?.end(gone)
  }
}

function methodName(frame: CallFrame): string {
  const { path } = frame
  return path?.length === 1 ? (path[0] ?? frame.type) : (path?.join('.') ?? frame.type)
}

/** A proxy is passed as what it is, also one of something that could be iterated. */
function isAsyncIterable(value: unknown): value is AsyncIterable<unknown, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    !(Comlink.proxyMarker in value)
  )
}

/** @returns the method, or undefined where the actor has none of that name */
function methodOf({ api }: Service, name: string): ((...args: unknown[]) => unknown) | undefined {
  // What every object inherits is no part of an actor's contract.
  if (name in Object.prototype) return undefined
  const method = api[name]
  return typeof method === 'function' ? (method as (...args: unknown[]) => unknown) : undefined
}
