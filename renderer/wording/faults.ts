import type { FaultName } from '../../shared/bridge.ts'

export interface FaultWords {
  label: string
  /** What to expect of it. */
  expect: string
}

export const faultWords: Record<FaultName, FaultWords> = {
  kill: { label: 'Kill', expect: 'It is ended at once, and started again in a moment.' },
  throw: { label: 'Throw', expect: 'An error that nobody catches: it dies of it and is started again.' },
  reject: {
    label: 'Reject',
    expect: 'A rejected promise that nobody awaits: it dies of it and is started again.',
  },
  exit: { label: 'Exit', expect: 'It leaves by itself with exit code 1, and is started again.' },
  segfault: {
    label: 'Crash',
    expect: 'Its process ends as a broken addon would end it. A thread cannot be given this fault.',
  },
  hang: {
    label: 'Hang',
    expect: 'It runs in circles for ever. After about 5 s that is noticed; it is ended and started again.',
  },
  'out-of-memory': {
    label: 'Fill memory',
    expect:
      'It fills its heap until V8 ends it. Only an actor with memory of its own can be given this fault.',
  },
  burn: { label: 'Burn CPU', expect: 'It is kept 90 % busy for 5 s: it answers late, and lives.' },
  'slow-mailbox': {
    label: 'Slow mailbox',
    expect: 'For 5 s each call waits 50 ms more, so its mailbox fills up when there is much to do.',
  },
  drop: {
    label: 'Drop',
    expect: 'For 5 s every fifth message to and from it is lost. Each one is counted as undelivered.',
  },
  delay: { label: 'Delay', expect: 'For 5 s half of its messages come 100 ms late, still in order.' },
  duplicate: {
    label: 'Double',
    expect: 'For 5 s half of its messages come twice. Each is carried out once, the second is counted.',
  },
}

/** In the order in which they are offered, by what they do. */
export const faultGroups: readonly { title: string; faults: readonly FaultName[] }[] = [
  { title: 'End it', faults: ['kill', 'throw', 'reject', 'exit', 'segfault', 'hang', 'out-of-memory'] },
  { title: 'Strain it for 5 s', faults: ['burn', 'slow-mailbox'] },
  { title: 'Its messages for 5 s', faults: ['drop', 'delay', 'duplicate'] },
]
