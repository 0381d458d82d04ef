import type { CallFrame } from '../wire.ts'

/** What the flight recorder keeps of a message. */
export const entryKinds = ['call', 'send', 'reply', 'error', 'event', 'refused', 'cancel'] as const
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

/**
 * The arguments of a call as the flight recorder may keep them.
 * @returns undefined when one of them is no plain value, such as a callback: a record of it could not be used again
 */
export function payloadOf({ argumentList = [] }: CallFrame): unknown[] | undefined {
  const payload: unknown[] = []
  for (const argument of argumentList) {
    if (argument.type !== 'RAW') return undefined
    payload.push(argument.value)
  }
  return payload
}
