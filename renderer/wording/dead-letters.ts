import type { DeadLettersView } from '../../shared/bridge.ts'
import { figure } from './figures.ts'

interface ReasonWords {
  short: string
  long: string
}

/** Reasons as the runtime names them. One that is new there is shown by its name. */
const reasons: Readonly<Partial<Record<string, ReasonWords>>> = {
  'mailbox-full': {
    short: 'mailbox full',
    long: 'As much was waiting as the actor allows. The caller was told; nothing was carried out.',
  },
  deadline: {
    short: 'too late',
    long: 'No answer came in the time that its caller gave it. It may still have been carried out.',
  },
  aborted: { short: 'called off', long: 'Its caller changed its mind before the answer came.' },
  'actor-down': {
    short: 'actor down',
    long: 'The actor died under it, or is not coming back. The caller was told.',
  },
  'unknown-method': { short: 'no such method', long: 'The actor has no method of this name.' },
  'not-cloneable': {
    short: 'cannot be sent',
    long: 'It held something that cannot be sent to another thread.',
  },
  duplicate: { short: 'came twice', long: 'It was carried out once; the second copy was put aside.' },
  dropped: { short: 'dropped', long: 'Somebody injected a fault that swallowed it.' },
}

export function reasonInWords(reason: string): string {
  return reasons[reason]?.short ?? reason
}

export function reasonExplained(reason: string): string {
  return reasons[reason]?.long ?? ''
}

/** Reasons with their counts, most frequent first. */
export function byCount({ counts }: DeadLettersView): [reason: string, count: number][] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
}

export function undelivered({ counts }: DeadLettersView): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** "12 (mailbox full 10, too late 2)", or "none". */
export function undeliveredInWords(letters: DeadLettersView): string {
  const all = undelivered(letters)
  if (all === 0) return 'none'
  const each = byCount(letters).map(([reason, count]) => `${reasonInWords(reason)} ${figure(count)}`)
  return `${figure(all)} (${each.join(', ')})`
}
