import type { entryKinds } from './ring.ts'

/** What the flight recorder keeps of a message. */
export type EntryKind = (typeof entryKinds)[number]

export interface Entry {
  /** ms since the epoch, with fractions */
  at: number
  kind: EntryKind
  /** Who called, or whom an event was for. */
  caller: string
  /** The method or event. */
  name: string
  /** Joins a call and its reply, per caller. 0 where there is none. */
  id: number
  /** About what the message took, bytes. */
  bytes: number
  /** The arguments, where the contract lets them be recorded. */
  payload?: unknown
}

/** The last messages through one mailbox, and what else is needed to have them happen again. */
export interface Recording {
  actor: string
  incarnation: number
  /** Why it died; null while it lives. */
  death: string | null
  /** Oldest first. */
  entries: Entry[]
}
