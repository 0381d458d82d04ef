import { measure } from '../values.ts'
import { framesOf, type FrameToActor, type FrameToCaller, type Posted } from '../wire.ts'
import type { RingWriter } from './ring.ts'

/**
 * Records what passes between one caller and an actor that is a process, from outside: the memory of a process is gone
 * with it.
 */
export class LaneRecorder {
  readonly #ring: RingWriter
  readonly #caller: string
  readonly #recorded: ReadonlySet<string>
  /** Methods of calls that are not answered yet. */
  readonly #open = new Map<number, string>()

  constructor(ring: RingWriter, caller: string, recorded: ReadonlySet<string>) {
    this.#ring = ring
    this.#caller = caller
    this.#recorded = recorded
  }

  toActor(posted: unknown): void {
    for (const frame of framesOf(posted as Posted<FrameToActor>)) {
      if ('cancel' in frame) {
        this.#ring.record('cancel', this.#caller, this.#open.get(frame.cancel) ?? '', frame.cancel, 0)
      } else if ('id' in frame) {
        const id = Number(frame.id)
        const method = frame.path?.join('.') ?? frame.type
        const args = (frame.argumentList ?? []).map(({ value }) => value)
        const payload = this.#recorded.has(method) ? args : undefined
        if (id > 0) this.#open.set(id, method)
        const kind = id > 0 ? 'call' : 'send'
        this.#ring.record(kind, this.#caller, method, Math.abs(id) || 0, measure(args).bytes, payload)
      }
    }
  }

  toCaller(posted: unknown): void {
    for (const frame of framesOf(posted as Posted<FrameToCaller>)) {
      if ('event' in frame) {
        this.#ring.record('event', this.#caller, frame.event, 0, measure(frame.data).bytes)
      } else if ('id' in frame) {
        const id = Number(frame.id)
        const kind = frame.type === 'HANDLER' && frame.name === 'throw' ? 'error' : 'reply'
        this.#ring.record(kind, this.#caller, this.#open.get(id) ?? '', id || 0, 0)
        this.#open.delete(id)
      }
    }
  }
}
