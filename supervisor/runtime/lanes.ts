import { MessagePort, type Transferable } from 'node:worker_threads'
import { NotTransferable } from './errors.ts'
import { encodeFault, faultReply } from './error-codec.ts'
import type { Port } from './port.ts'
import { framesOf, pack, type Posted } from './packing.ts'
import type { CallFrame, FrameToActor, FrameToCaller } from './wire.ts'

/** A frame on the single pipe between a supervisor and an actor that is a process. */
export type LaneFrame = { lane: number; data: unknown } | { lane: number; closed: true }

export function isLaneFrame(message: unknown): message is LaneFrame {
  return (
    typeof message === 'object' &&
    message !== null &&
    'lane' in message &&
    ('data' in message || 'closed' in message)
  )
}

/**
 * Many ports over one pipe, for processes, which MessagePorts cannot reach:
 *
 *     caller ── MessagePort ── supervisor ═══ lane 1 ═══ actor's process
 *     caller ── MessagePort ──┘           ═══ lane 2 ═══┘
 */
export class Lanes {
  readonly #send: (frame: LaneFrame) => void
  readonly #open = new Map<number, { message(data: unknown): void; closed(): void }>()

  constructor(send: (frame: LaneFrame) => void) {
    this.#send = send
  }

  open(lane: number): Port {
    const messageHandlers: ((message: unknown) => void)[] = []
    const closeHandlers: (() => void)[] = []
    const early: unknown[] = []
    this.#open.set(lane, {
      message(data) {
        if (messageHandlers.length === 0) early.push(data)
        for (const handler of messageHandlers) handler(data)
      },
      closed() {
        for (const handler of closeHandlers) handler()
      },
    })
    return {
      post: (data, transfer) => {
        if (transfer?.some(isPort)) throw new NotTransferable()
        if (this.#open.has(lane)) this.#send({ lane, data })
      },
      onMessage: (handler) => {
        messageHandlers.push(handler)
        for (const data of early.splice(0)) handler(data)
      },
      onClose: (handler) => void closeHandlers.push(handler),
      close: () => {
        if (!this.#open.has(lane)) return
        this.#send({ lane, closed: true })
        this.#end(lane)
      },
    }
  }

  receive(frame: LaneFrame): void {
    if ('closed' in frame) this.#end(frame.lane)
    else this.#open.get(frame.lane)?.message(frame.data)
  }

  /** The pipe is gone: every lane closes. */
  endAll(): void {
    for (const lane of [...this.#open.keys()]) this.#end(lane)
  }

  #end(lane: number): void {
    const open = this.#open.get(lane)
    this.#open.delete(lane)
    open?.closed()
  }
}

function isPort(value: Transferable): boolean {
  return value instanceof MessagePort
}

/** Passes everything from one port to the other, and the end of either to both. What passes is shown to `seen`. */
export function joinPorts(
  caller: Port,
  actor: Port,
  seen: { there(message: unknown): void; back(message: unknown): void },
): void {
  caller.onMessage((message) => {
    for (const frame of refusedOf(message)) caller.post(faultReply(frame.id, new NotTransferable()))
    const passes = withoutRefused(message)
    if (passes === undefined) return
    seen.there(passes)
    try {
      actor.post(passes)
    } catch {
      // A pipe takes less than a port does. The others shall not pay for the one that it does not take.
      for (const frame of framesOf(passes as Posted<AnyFrame>)) passAlone(frame)
    }
  })
  const passAlone = (frame: AnyFrame) => {
    try {
      actor.post(frame)
    } catch (error) {
      const { back, on } = insteadOf(frame, error)
      if (on) actor.post(on)
      if (!back) return
      seen.back(back)
      caller.post(back)
    }
  }
  actor.onMessage((message) => {
    seen.back(message)
    caller.post(message)
  })
  caller.onClose(() => actor.close())
  actor.onClose(() => caller.close())
}

type AnyFrame = FrameToActor | FrameToCaller

/** What is said in place of a frame that cannot be passed: back to its sender, or on to whom it was for. */
function insteadOf(frame: AnyFrame, error: unknown): { back?: AnyFrame; on?: AnyFrame } {
  if ('callback' in frame) {
    const { callback, to, frame: inner } = frame
    const reply: AnyFrame = { callback, to: 'holder', frame: faultReply((inner as CallFrame).id, error) }
    return to === 'owner' ? { back: reply } : { on: reply }
  }
  if ('items' in frame) {
    const { stream, from } = frame
    return { back: { stream, close: true }, on: { stream, from, fault: encodeFault(error) } }
  }
  if (!('id' in frame)) return {}
  const reply = faultReply(frame.id, error)
  return 'argumentList' in frame ? { back: reply } : { on: reply }
}

/** Calls with what a thread may send and a process may not: it would arrive as an empty object. */
function refusedOf(message: unknown): CallFrame[] {
  return framesOf(message as Posted<FrameToActor>).filter(takesPort)
}

function withoutRefused(message: unknown): unknown {
  const frames = framesOf(message as Posted<FrameToActor>)
  const passing = frames.filter((frame) => !takesPort(frame))
  if (passing.length === frames.length) return message
  return passing.length === 0 ? undefined : pack(passing)
}

function takesPort(frame: FrameToActor): frame is CallFrame {
  return 'id' in frame && (frame.argumentList ?? []).some(({ value }) => value instanceof MessagePort)
}
