/**
 * Why a message did not reach anybody, or its answer nobody:
 * - `mailbox-full`: refused by the mailbox's limits
 * - `deadline`, `aborted`: its caller stopped waiting
 * - `actor-down`: its actor died under it, or is not coming back
 * - `unknown-method`: the actor has no such method
 * - `not-cloneable`: it could not be put on a wire
 * - `duplicate`: it came twice; once was carried out
 * - `dropped`: a fault that somebody injected swallowed it
 */
export type DeadReason =
  | 'mailbox-full'
  | 'deadline'
  | 'aborted'
  | 'actor-down'
  | 'unknown-method'
  | 'not-cloneable'
  | 'duplicate'
  | 'dropped'

export interface DeadLetter {
  /** ms since the epoch */
  at: number
  /** Whom it was for. */
  actor: string
  /** The method or event. */
  message: string
  reason: DeadReason
}

export type DeadLetterCounts = Readonly<Partial<Record<DeadReason, number>>>

/** What is kept of them, newest last. */
export interface DeadLetterReport {
  counts: DeadLetterCounts
  recent: readonly DeadLetter[]
}

export const noLetters: DeadLetterReport = { counts: {}, recent: [] }

const mostKept = 50

/** Messages that could not be delivered: counted for good, the last ones kept by name. Never what they said. */
export class DeadLetters {
  readonly #counts: Partial<Record<DeadReason, number>> = {}
  #recent: DeadLetter[] = []

  add(actor: string, message: string, reason: DeadReason): void {
    this.#counts[reason] = (this.#counts[reason] ?? 0) + 1
    this.#recent.push({ at: Date.now(), actor, message, reason })
    if (this.#recent.length > 2 * mostKept) this.#recent = this.#recent.slice(-mostKept)
  }

  get report(): DeadLetterReport {
    return { counts: { ...this.#counts }, recent: this.#recent.slice(-mostKept) }
  }
}

/** Adds up reports, newest letters last. */
export function joinReports(reports: readonly DeadLetterReport[]): DeadLetterReport {
  const counts: Partial<Record<DeadReason, number>> = {}
  for (const report of reports) {
    for (const [reason, count] of Object.entries(report.counts) as [DeadReason, number][])
      counts[reason] = (counts[reason] ?? 0) + count
  }
  const recent = reports.flatMap(({ recent }) => recent).toSorted((a, b) => a.at - b.at)
  return { counts, recent: recent.slice(-mostKept) }
}
