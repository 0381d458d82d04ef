import type { MessageView } from '../../../shared/bridge.ts'
import type { Outgoing } from '../../stores/outbox.ts'
import { dayKey } from '../../wording/times.ts'

/** A run of messages by one author is broken by a pause longer than this, in ms. */
const runGap = 5 * 60_000

export interface MessageRow {
  kind: 'message'
  key: string
  message: MessageView
  /** Set while the window alone has the message. */
  outgoing: Outgoing | null
  /** Whether it begins a run, and so shows who wrote it. */
  first: boolean
}
export interface DayRow {
  kind: 'day'
  key: string
  at: number
}
export interface PendingLineRow {
  kind: 'pending-line'
  key: string
}
export type Row = MessageRow | DayRow | PendingLineRow

export interface RowsInit {
  messages: readonly MessageView[]
  /** Of this channel, in the order in which they were written. */
  outgoing: readonly Outgoing[]
  /** Whether a line parts the confirmed from those that wait. */
  pendingLine: boolean
}

/** Lays out a channel: day separators, runs, the pending line, and at the end what the host has not taken yet. */
export function rowsOf({ messages, outgoing, pendingLine }: RowsInit): Row[] {
  const held = new Set(messages.map(({ id }) => id))
  const rows: Row[] = []
  let last: MessageView | undefined
  let lineDrawn = false

  function add(message: MessageView, from: Outgoing | null): void {
    const newDay = !last || dayKey(last.at) !== dayKey(message.at)
    if (newDay) rows.push({ kind: 'day', key: `day before ${message.id}`, at: message.at })
    const drawLine = pendingLine && !lineDrawn && isWaiting(message) && !from?.failure
    if (drawLine) {
      lineDrawn = true
      rows.push({ kind: 'pending-line', key: 'pending-line' })
    }
    const first =
      newDay || drawLine || last?.author.id !== message.author.id || Math.abs(message.at - last.at) > runGap
    rows.push({ kind: 'message', key: message.id, message, outgoing: from, first })
    last = message
  }

  for (const message of messages) add(message, null)
  for (const item of outgoing) if (!held.has(item.id)) add(asMessage(item), item)
  return rows
}

export function isWaiting(message: MessageView): boolean {
  return message.seq === null && message.state !== 'refused'
}

function asMessage({ id, channel, author, text, at }: Outgoing): MessageView {
  return {
    id,
    channel,
    author,
    text,
    at,
    mine: true,
    lamport: Number.MAX_SAFE_INTEGER,
    seq: null,
    state: 'waiting',
    refusal: null,
  }
}
