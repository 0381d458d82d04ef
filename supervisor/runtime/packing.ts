import type { CallFrame, EventFrame, ReplyFrame, WireValue } from './wire.ts'

/*
 * Frames as they cross: one by itself, as plain Comlink sends and reads them, or any number as one flat list of cells.
 * To clone objects takes a multiple of what it takes to clone their values, so the usual frames leave their shape behind:
 *
 *   call      1 | id | method | count | argument ...
 *   answer    2 | id | value
 *   event     3 | event | n | data
 *   others    0 | the frame
 */
const whole = 0
const call = 1
const answer = 2
const told = 3

/** What a port carries. */
export type Posted<Frame> = Frame | readonly unknown[]

export function pack(frames: readonly object[]): unknown[] {
  const cells: unknown[] = []
  for (const frame of frames) {
    if (isPlainAnswer(frame)) cells.push(answer, frame.id, frame.value)
    else if (isPlainCall(frame)) {
      const { argumentList } = frame
      cells.push(call, frame.id, frame.path[0], argumentList.length)
      for (const { value } of argumentList) cells.push(value)
    } else if (isEvent(frame)) cells.push(told, frame.event, frame.n, frame.data)
    else cells.push(whole, frame)
  }
  return cells
}

/** The frames that a port carried, in their order. */
export function framesOf<Frame>(posted: Posted<Frame>): readonly Frame[] {
  // Frames are objects of other kinds than lists.
  return Array.isArray(posted) ? (unpack(posted) as Frame[]) : [posted as Frame]
}

function unpack(cells: readonly unknown[]): unknown[] {
  const frames: unknown[] = []
  for (let at = 0; at < cells.length;) {
    const kind = cells[at++]
    if (kind === call) {
      const id = cells[at++]
      const path = [cells[at++]]
      const end = at + Number(cells[at++]) + 1
      const argumentList: WireValue[] = []
      while (at < end) argumentList.push({ type: 'RAW', value: cells[at++] })
      frames.push({ id, type: 'APPLY', path, argumentList })
    } else if (kind === answer) frames.push({ id: cells[at++], type: 'RAW', value: cells[at++] })
    else if (kind === told) frames.push({ event: cells[at++], n: cells[at++], data: cells[at++] })
    else frames.push(cells[at++])
  }
  return frames
}

function isPlainAnswer(frame: object): frame is ReplyFrame {
  return 'type' in frame && frame.type === 'RAW'
}

function isPlainCall(frame: object): frame is CallFrame & { path: [string]; argumentList: WireValue[] } {
  if (!('type' in frame) || frame.type !== 'APPLY') return false
  const { path, argumentList } = frame as CallFrame
  return path?.length === 1 && argumentList !== undefined && argumentList.every(isRaw)
}

function isRaw({ type }: WireValue): boolean {
  return type === 'RAW'
}

function isEvent(frame: object): frame is EventFrame {
  return 'event' in frame
}
