import type { Outcome, OutcomeKind } from './outcome.ts'
import type { SqliteWork } from './scratch-database.ts'

/** One thing that a thread may be doing when it is ended, and what must come of that. */
export interface Row {
  /** The package whose native code it is; absent for Node itself. */
  addon?: string
  doing: string
  /** The thread's module in `threads/`. */
  thread: string
  /** Threads that are started and ended, or fewer where one takes the process down. */
  kills: number
  /** Old generation limit of the thread, MB. */
  heapMb?: number
  sqlite?: Omit<SqliteWork, 'path'>
  /** Any of these. */
  expect: readonly OutcomeKind[]
  /** What follows for the app on the day that something else comes of it. */
  otherwise: string
}

const works: readonly SqliteWork['busyWith'][] = ['transactions', 'an iterator', 'a user function']
const mustBeProcess = 'Actors that load it must become processes.'

export const table: readonly Row[] = [
  {
    addon: 'sodium-native',
    doing: 'sealing blocks',
    thread: 'sodium-sync',
    kills: 12,
    expect: ['survives'],
    otherwise: mustBeProcess,
  },
  {
    addon: 'sodium-native',
    doing: 'hashing passwords on the pool',
    thread: 'sodium-async',
    kills: 12,
    expect: ['survives'],
    otherwise: mustBeProcess,
  },
  ...[false, true].flatMap((encrypted) =>
    works.map((busyWith): Row => ({
      addon: 'better-sqlite3',
      doing: `in ${busyWith} of ${encrypted ? 'an encrypted' : 'a plain'} database`,
      thread: 'sqlite',
      kills: 10,
      sqlite: { encrypted, busyWith },
      expect: ['survives'],
      otherwise: mustBeProcess,
    })),
  ),
  {
    addon: 'argon2',
    doing: 'with a hash in flight',
    thread: 'argon2',
    kills: 30,
    expect: ['crashes'],
    otherwise: 'The auth actor may become a thread.',
  },
  {
    addon: 'node-datachannel',
    doing: 'with an open connection',
    thread: 'data-channel',
    kills: 10,
    // It is a matter of luck which.
    expect: ['crashes', 'hangs'],
    otherwise: 'The p2p actor may become a thread, when loading the addon a second time is safe too.',
  },
  {
    addon: 'node-datachannel',
    doing: 'loaded again after a connection and its own cleanup()',
    thread: 'data-channel-cleanup',
    kills: 10,
    expect: ['crashes'],
    otherwise: 'The p2p actor may become a thread, when ending it with an open connection is safe too.',
  },
  {
    doing: 'that fills its heap with one growing array',
    thread: 'growing-array',
    kills: 2,
    // V8 can hand the error to the thread only where the array's next size fits into what Node allows past the limit:
    // at 16, 32 and 256 MB this very array does.
    heapMb: 64,
    expect: ['crashes'],
    otherwise: 'A heap limit may hold for a thread as it does for a process.',
  },
  {
    doing: 'that fills its heap with small objects',
    thread: 'small-objects',
    kills: 3,
    heapMb: 64,
    expect: ['ends alone'],
    otherwise: 'Actors with a heap limit must become processes.',
  },
  {
    doing: 'that holds 256 MB of ArrayBuffers under a heap limit of 64 MB',
    thread: 'array-buffers',
    kills: 3,
    heapMb: 64,
    expect: ['survives'],
    otherwise: 'Heap limits must allow for the blocks that actors hold.',
  },
  {
    doing: 'inside a long pbkdf2Sync',
    thread: 'pbkdf2',
    kills: 2,
    expect: ['waits'],
    otherwise: 'What is said about ending threads that are inside native code must be changed.',
  },
]

const consequence: Record<OutcomeKind, string> = {
  survives: 'ends at once and alone',
  waits: 'ends when its native call returns, not before',
  'ends alone': 'ends of itself and alone',
  crashes: 'takes its process down',
  hangs: 'cannot be ended',
}

/** What holds of a row, as a sentence. */
export function sentence({ addon, doing, expect }: Row): string {
  const thread = addon === undefined ? `a thread ${doing}` : `a thread of ${addon} ${doing}`
  return `${thread} ${expect.map((kind) => consequence[kind]).join(', or ')}`
}

/** What is to be known and done now that a row does not hold; `undefined` when it holds. */
export function surprise(row: Row, { kind, seen }: Outcome): string | undefined {
  if (row.expect.includes(kind)) return undefined
  const name = row.addon === undefined ? `a thread ${row.doing}` : `${row.addon} ${row.doing}`
  return `${name} now ${kind} (${seen}); expected was: ${row.expect.join(' or ')}. ${row.otherwise}`
}

/** Packages that no thread may load: they can take the process down when it is ended. */
export const unsafeAddons: ReadonlySet<string> = new Set(
  table.flatMap(({ addon, expect }) => (addon !== undefined && !expect.includes('survives') ? [addon] : [])),
)
