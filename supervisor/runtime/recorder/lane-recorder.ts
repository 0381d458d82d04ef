import { CallTable } from '../call-table.ts'
import { measure, measureArguments } from '../values.ts'
import type { CallFrame, FrameToActor, FrameToCaller, ReplyFrame } from '../wire.ts'
import { framesOf, type Posted } from '../packing.ts'
import { payloadOf } from './payload.ts'
import type { RingWriter } from './ring.ts'

/**
 * Records what passes between one caller and an actor that is a process, from outside: the memory of a process is gone
 * with it. What plain Comlink says, whose ids are text, is not recorded.
 */
export class LaneRecorder {
  readonly #ring: RingWriter
  readonly #caller: string
  readonly #recorded: ReadonlySet<string>
  /** Methods of calls that are not answered yet. */
  readonly #open = new CallTable<string>()

  constructor(ring: RingWriter, caller: string, recorded: ReadonlySet<string>) {
    this.#ring = ring
    this.#caller = caller
    this.#recorded = recorded
  }

  toActor(posted: unknown): void {
    for (const frame of framesOf(posted as Posted<FrameToActor>)) {
      if ('cancel' in frame) this.#cancelled(frame.cancel)
      else if ('id' in frame && typeof frame.id === 'number') this.#called(frame, frame.id)
    }
  }

  toCaller(posted: unknown): void {
    for (const frame of framesOf(posted as Posted<FrameToCaller>)) {
      if ('event' in frame)
        this.#ring.record('event', this.#caller, frame.event, 0, measure(frame.data).bytes)
      else if ('id' in frame && typeof frame.id === 'number') this.#answered(frame, frame.id)
    }
  }

  #called(frame: CallFrame, id: number): void {
    const method = frame.path?.join('.') ?? frame.type
    const payload = this.#recorded.has(method) ? payloadOf(frame) : undefined
    const bytes = measureArguments(frame.argumentList)
    if (id > 0) this.#open.add(id, method)
    this.#ring.record(id > 0 ? 'call' : 'send', this.#caller, method, Math.abs(id), bytes, payload)
  }

  #cancelled(id: number): void {
    const method = this.#open.get(id)
    if (method === undefined) return
    this.#ring.record('cancel', this.#caller, method, id, 0)
    // It will not be answered any more.
    this.#open.delete(id)
  }

  #answered(frame: ReplyFrame, id: number): void {
    const method = this.#open.get(id)
    if (method === undefined) return
    const kind = frame.type === 'HANDLER' && frame.name === 'throw' ? 'error' : 'reply'
    this.#ring.record(kind, this.#caller, method, id, 0)
    this.#open.delete(id)
  }
}
