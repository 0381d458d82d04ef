import type { MessageView } from '../../../shared/bridge.ts'
import type { Outgoing } from '../../stores/outgoing.ts'
import { dayKey } from '../../wording/times.ts'
import type { RowSpan } from './row-heights.ts'

/** A run of messages by one author is broken by a pause longer than this, in ms. */
const runGap = 5 * 60_000
/**
 * It is also broken at each quarter of an hour, ms: whoever scrolls through a long run sees who wrote it, and where it
 * breaks is known without the run's beginning, which may not be here.
 */
const runSlot = 15 * 60_000

/** A message that has no place yet. */
export interface TailEntry {
  message: MessageView
  /** Set while the window alone has the message. */
  outgoing: Outgoing | null
}

/** One row: what stands at a place, or waits for one, with the lines above it. */
export interface Row {
  /** Its place in the list, from 0. */
  index: number
  key: string
  /** Undefined for a place whose message is not here yet. */
  message: MessageView | undefined
  outgoing: Outgoing | null
  /** Whether it begins a run, and so shows who wrote it. */
  first: boolean
  /** When the day began that its message is the first of; undefined where it is not. */
  day: number | undefined
  /** Whether the line "new" is above it. */
  isNew: boolean
  /** Whether the line that parts the confirmed from those that wait is above it. */
  pendingLine: boolean
}

export interface RowsInit {
  /** Which rows to lay out. */
  span: RowSpan
  /** The channel's last place. */
  head: number
  at: (seq: number) => MessageView | undefined
  tail: readonly TailEntry[]
  /** The place above which the line "new" is; null for none. */
  newFrom: number | null
  /** Whether there is a line between the confirmed and those that wait. */
  pendingLine: boolean
}

/** Lays out a part of a channel: places 1 to `head`, then what has no place. */
export function rowsOf({ span, head, at, tail, newFrom, pendingLine }: RowsInit): Row[] {
  const entryAt = (index: number): TailEntry | undefined => {
    if (index >= head) return tail[index - head]
    const message = at(index + 1)
    return message && { message, outgoing: null }
  }
  const firstWaiting = pendingLine ? tail.findIndex((entry) => isWaiting(entry)) : -1
  const rows: Row[] = []
  let before = entryAt(span.from - 1)?.message
  for (let index = span.from; index < span.to; index++) {
    const entry = entryAt(index)
    const message = entry?.message
    const isNew = newFrom === index + 1
    const drawLine = firstWaiting >= 0 && index === head + firstWaiting
    // Where the message above is not here yet, nobody knows whether the day is a new one.
    const newDay = message && (before ? dayKey(before.at) !== dayKey(message.at) : index === 0)
    rows.push({
      index,
      key: message?.id ?? `place ${index + 1}`,
      message,
      outgoing: entry?.outgoing ?? null,
      first: newDay === true || isNew || drawLine || !continues(before, message),
      day: newDay ? message.at : undefined,
      isNew,
      pendingLine: drawLine,
    })
    before = message
  }
  return rows
}

export function isWaiting({ message, outgoing }: TailEntry): boolean {
  return message.state !== 'refused' && !outgoing?.failure
}

/** What waits for a place, in shown order: what the host holds, then what it has not taken yet. */
export function tailOf(pending: readonly MessageView[], outgoing: readonly Outgoing[]): TailEntry[] {
  const held = new Set(pending.map(({ id }) => id))
  return [
    ...pending.map((message) => ({ message, outgoing: null })),
    ...outgoing
      .filter(({ id }) => !held.has(id))
      .map((item) => ({ message: asMessage(item), outgoing: item })),
  ]
}

/** Whether a message goes on with the run of the one above it. */
function continues(before: MessageView | undefined, message: MessageView | undefined): boolean {
  if (!before || !message) return false
  if (before.author.id !== message.author.id || before.newKey !== message.newKey) return false
  const sameSlot = Math.floor(message.at / runSlot) === Math.floor(before.at / runSlot)
  return sameSlot && Math.abs(message.at - before.at) <= runGap
}

function asMessage({ id, channel, author, text, at }: Outgoing): MessageView {
  return {
    ...{ id, channel, author, text, at },
    mine: true,
    newKey: false,
    lamport: Number.MAX_SAFE_INTEGER,
    seq: null,
    state: 'waiting',
    refusal: null,
  }
}
