import * as Comlink from 'comlink'
import type { Transferable } from 'node:worker_threads'
import { Batch } from '../batch.ts'
import { Callbacks } from '../callbacks.ts'
import { faultReply } from '../error-codec.ts'
import { ActorError, UnknownMethod } from '../errors.ts'
import { FaultyWay } from '../faults/message-faults.ts'
import type { Port } from '../port.ts'
import { decodeValue, encodeValue, measure } from '../values.ts'
import {
  framesOf,
  type CallFrame,
  type EventFrame,
  type FrameToActor,
  type FrameToCaller,
  type Posted,
  type ReplyFrame,
  type WireValue,
} from '../wire.ts'
import { IncomingCall } from './incoming-call.ts'
import type { Letter } from './mailbox.ts'
import { OutgoingStream } from './outgoing-stream.ts'
import { methodOf, type Service } from './service.ts'

/** A call between its arrival and its answer. */
interface Taken {
  call: IncomingCall
  letter: Letter
}

/**
 * One caller's port, seen from the actor that answers on it. Calls of our own stubs are numbered and take a short way;
 * what else plain Comlink may say (its ids are text) is answered by Comlink itself.
 */
export class ServedPort {
  readonly #caller: string
  readonly #service: Service
  readonly #batch: Batch<FrameToCaller>
  readonly #callbacks: Callbacks
  readonly #subscribed = new Set<string>()
  readonly #taken = new Map<number, Taken>()
  readonly #streams = new Map<number, OutgoingStream>()
  readonly #comlink: (frame: CallFrame, done: () => void) => void
  readonly #arriving: FaultyWay<CallFrame>
  readonly #leaving: FaultyWay<ReplyFrame | EventFrame>
  #lastId = 0
  #told = 0
  #toldBefore = 0

  constructor(port: Port, caller: string, service: Service) {
    this.#caller = caller
    this.#service = service
    this.#batch = new Batch(port, (frames, error) => this.#notCloneable(frames, error))
    this.#callbacks = new Callbacks((frame, transfer) => this.#batch.add(frame, transfer))
    this.#comlink = this.#exposed()
    this.#arriving = new FaultyWay(service.faults, {
      deliver: (frame) => this.#take(frame),
      dropped: (frame) => service.letters.add(service.name, methodName(frame), 'dropped'),
    })
    this.#leaving = new FaultyWay(service.faults, {
      deliver: (frame) => this.#batch.add(frame, []),
      dropped: (frame) => service.letters.add(caller, 'event' in frame ? frame.event : 'a reply', 'dropped'),
    })
    port.onMessage((posted) => {
      for (const frame of framesOf(posted as Posted<FrameToActor>)) this.#receive(frame)
    })
    port.onClose(() => this.#end())
  }

  emit(event: string, data: unknown, bytes: number): void {
    if (!this.#subscribed.has(event)) return
    this.#service.recorder?.record('event', this.#caller, event, 0, bytes)
    this.#leaving.pass({ event, n: ++this.#told, data })
  }

  /** Lets the caller notice when the last events went missing. Called now and then. */
  tellCount(): void {
    if (this.#told === this.#toldBefore) return
    this.#toldBefore = this.#told
    this.#batch.add({ told: this.#told }, [])
  }

  /** How much the caller may have under way at once. */
  grant(messages: number, bytes: number): void {
    this.#batch.add({ window: { messages, bytes } }, [])
  }

  get callbacks(): number {
    return this.#callbacks.open
  }

  #receive(frame: FrameToActor): void {
    if ('id' in frame) {
      if (this.#service.faults.any) this.#arriving.pass(frame)
      else this.#take(frame)
    } else if ('subscribe' in frame) this.#subscribed.add(frame.subscribe)
    else if ('cancel' in frame) this.#cancel(frame.cancel)
    else if ('callback' in frame) this.#callbacks.receive(frame)
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
    const bytes = bytesOf(frame)
    const payload = recorder && recorded.has(method) ? argumentsOf(frame) : undefined
    recorder?.record(id > 0 ? 'call' : 'send', this.#caller, method, number, bytes, payload)
    const call = new IncomingCall(this.#caller, method)
    const letter: Letter = { bytes, open: (done) => this.#carryOut(frame, number, call, done) }
    this.#taken.set(number, { call, letter })
    const refusal = this.#service.mailbox.take(letter)
    if (refusal) this.#refuse(id, method, refusal)
  }

  #carryOut(frame: CallFrame, number: number, call: IncomingCall, done: () => void): void {
    const { service, started } = { service: this.#service, started: performance.now() }
    const finish = (failed: boolean, reply: () => void) => {
      this.#taken.delete(number)
      // First what somebody waits for.
      if (!call.cancelled) reply()
      done()
      service.meter.answered(performance.now() - started, failed)
      service.recorder?.record(failed ? 'error' : 'reply', this.#caller, call.method, number, 0)
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
    return (frame.argumentList ?? []).map((value) => decodeValue(value, this.#callbacks))
  }

  #answer(id: number, value: unknown): void {
    if (isAsyncIterable(value)) {
      const stream = new OutgoingStream(id, value, {
        send: (supply) => this.#batch.add(supply, []),
        ended: () => this.#streams.delete(id),
      })
      this.#streams.set(id, stream)
      return this.#reply({ id, type: 'HANDLER', name: 'stream', value: undefined }, [])
    }
    const transfer: Transferable[] = []
    const encoded = encodeValue(value, this.#callbacks, transfer).value as ReplyFrame
    encoded.id = id
    this.#reply(encoded, transfer)
  }

  #reply(frame: ReplyFrame, transfer: readonly Transferable[]): void {
    if (this.#service.faults.any && transfer.length === 0) this.#leaving.pass(frame)
    else this.#batch.add(frame, transfer, this.#service.mailbox.depth <= 1)
  }

  #refuse(id: number | string, method: string, refusal: ActorError): void {
    this.#taken.delete(Math.abs(Number(id)))
    this.#service.letters.add(this.#service.name, method, 'mailbox-full')
    this.#service.recorder?.record('refused', this.#caller, method, Math.abs(Number(id)) || 0, 0)
    if (typeof id === 'string' || id > 0) this.#batch.add(faultReply(id, refusal), [])
  }

  #cancel(id: number): void {
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
    if (frame.type === 'SET' || (frame.type === 'APPLY' && !methodOf(this.#service, method))) {
      this.#batch.add(faultReply(id, new UnknownMethod(this.#service.name, method)), [])
      return
    }
    const letter: Letter = { bytes: bytesOf(frame), open: (done) => this.#comlink(frame, done) }
    const refusal = this.#service.mailbox.take(letter)
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
        this.#batch.add(reply, transfer ?? [])
      },
      addEventListener: (_type, added) => void (listener = added as typeof listener),
      removeEventListener: () => {},
    } satisfies Comlink.Endpoint)
    return (frame, done) => {
      underWay.set(frame.id, done)
      listener({ data: frame } as MessageEvent)
    }
  }

  #notCloneable(frames: readonly FrameToCaller[], error: unknown): void {
    for (const frame of frames) {
      if ('id' in frame) {
        this.#service.letters.add(this.#caller, 'a reply', 'not-cloneable')
        this.#batch.add(faultReply(frame.id, error), [])
      } else throw error
    }
  }

  #end(): void {
    const gone = new Error(`The caller ${this.#caller} is gone`)
    for (const { call, letter } of this.#taken.values()) {
      call.cancel(gone)
      this.#service.mailbox.withdraw(letter)
    }
    this.#taken.clear()
    for (const stream of [...this.#streams.values()]) stream.close()
    this.#callbacks.end(gone)
  }
}

function methodName(frame: CallFrame): string {
  const { path } = frame
  return path?.length === 1 ? (path[0] ?? frame.type) : (path?.join('.') ?? frame.type)
}

function bytesOf(frame: CallFrame): number {
  let bytes = 0
  for (const { value } of frame.argumentList ?? []) bytes += measure(value).bytes
  return bytes
}

function argumentsOf(frame: CallFrame): unknown[] {
  return (frame.argumentList ?? []).map((argument: WireValue) => argument.value)
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
