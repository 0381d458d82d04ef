import { late } from '../late.ts'
import type { Entry, EntryKind } from './entry.ts'

export const entryKinds = ['call', 'send', 'reply', 'error', 'event', 'refused', 'cancel'] as const

/*
 * The ring lies in shared memory, so that the supervisor can read it when the actor's thread is gone:
 *
 *   head     Int32 x 4     entries begun | entries finished | names written | unused
 *   claimed  Float64       end of the payloads, moved before they are written; counts over all rounds
 *   names    Uint8 x 8 Ki  length, text, length, text ... each name once
 *   entries  Float64 x 8   at | kind | caller | name | id | bytes | payload from | payload length
 *   payloads Uint8         around and around; "from" counts over all rounds
 *
 * One thread writes, and may be ended between any two stores. What it is about to write over is given up first, so that
 * a reader never takes half of the new for the old.
 */
/** ms since the epoch; asked for once, since asking takes longer than the rest of an entry. */
const startedAt = performance.timeOrigin
const headWords = 4
const claimedBytes = 8
const namesBytes = 8 * 1024
const fields = 8
const slots = 256
const payloadBytes = 64 * 1024
/** A larger payload is not kept: it would push all others out. */
const largestPayload = payloadBytes / 8

const claimedAt = headWords * 4
const namesAt = claimedAt + claimedBytes
const entriesAt = namesAt + namesBytes
const payloadsAt = entriesAt + slots * fields * 8

const begun = 0
const finished = 1
const named = 2

/** Where the counts, which are whole numbers of 32 bits, start again: far above `slots`, and a multiple of it. */
const mostCounted = 2 ** 30
const countedAgain = 2 ** 29

/** Stands for a name for which there was no room. */
const unnamed = '?'

/** @param payloads whether there is room for payloads */
export function ringMemory(payloads: boolean): SharedArrayBuffer {
  return new SharedArrayBuffer(payloadsAt + (payloads ? payloadBytes : 0))
}

interface Views {
  head: Int32Array
  claimed: Float64Array
  names: Buffer
  entries: Float64Array
  payloads: Buffer
}

function viewsOf(memory: SharedArrayBuffer): Views {
  return {
    head: new Int32Array(memory, 0, headWords),
    claimed: new Float64Array(memory, claimedAt, 1),
    names: Buffer.from(memory, namesAt, namesBytes),
    entries: new Float64Array(memory, entriesAt, slots * fields),
    payloads: Buffer.from(memory, payloadsAt, memory.byteLength - payloadsAt),
  }
}

/** The side that records. Costs a few stores per message. */
export class RingWriter {
  readonly #views: Views
  readonly #names = new Map<string, number>()
  #count = 0
  #namesEnd = 0
  #payloadsEnd = 0

  constructor(memory: SharedArrayBuffer) {
    this.#views = viewsOf(memory)
    this.#nameOf(unnamed)
  }

  /** @param at by `performance.now()`, from whoever has just asked for it */
  record(
    kind: EntryKind,
    caller: string,
    name: string,
    id: number,
    bytes: number,
    payload?: unknown,
    at = performance.now(),
  ): void {
    const { entries, head } = this.#views
    if (this.#count === mostCounted) this.#count = countedAgain
    const slot = (this.#count % slots) * fields
    Atomics.store(head, begun, ++this.#count)
    entries[slot] = startedAt + at
    entries[slot + 1] = entryKinds.indexOf(kind)
    entries[slot + 2] = this.#nameOf(caller)
    entries[slot + 3] = this.#nameOf(name)
    entries[slot + 4] = id
    entries[slot + 5] = bytes
    const length = payload === undefined ? 0 : this.#keep(payload)
    entries[slot + 6] = this.#payloadsEnd - length
    entries[slot + 7] = length
    // The count goes last: a reader never sees an entry that was not finished.
    Atomics.store(head, finished, this.#count)
  }

  #nameOf(name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const { names, head } = this.#views
    const text = Buffer.from(name).subarray(0, 255)
    // Actors have few callers and methods; should the room end, the rest go without.
    if (this.#namesEnd + 1 + text.length > namesBytes) return 0
    names[this.#namesEnd] = text.length
    names.set(text, this.#namesEnd + 1)
    this.#namesEnd += 1 + text.length
    const number = this.#names.size
    this.#names.set(name, number)
    Atomics.store(head, named, this.#names.size)
    return number
  }

  /** @returns the bytes it takes, 0 when it is not kept; it ends at `#payloadsEnd` */
  #keep(payload: unknown): number {
    const { payloads, claimed } = this.#views
    const bytes = payloads.length === 0 ? undefined : serialized(payload)
    if (!bytes || bytes.length > largestPayload) return 0
    const start = this.#payloadsEnd % payloads.length
    // No payload lies across the end of the ring.
    if (start + bytes.length > payloads.length) this.#payloadsEnd += payloads.length - start
    const from = this.#payloadsEnd
    this.#payloadsEnd += bytes.length
    claimed[0] = this.#payloadsEnd
    payloads.set(bytes, from % payloads.length)
    return bytes.length
  }
}

/** @returns undefined for what can be passed between threads but not be kept, such as a Blob */
function serialized(payload: unknown): Buffer | undefined {
  try {
    return late.v8.serialize(payload)
  } catch {
    return undefined
  }
}

/** Reads what is in a ring, oldest first. The writer may be dead, or writing. */
export function readRing(memory: SharedArrayBuffer): Entry[] {
  const { head, claimed, names: namesRoom, entries: cells, payloads } = viewsOf(memory)
  const count = Atomics.load(head, finished)
  const names = readNames(namesRoom, Atomics.load(head, named))
  const oldest = Math.max(0, count - slots)
  const copied = Array.from({ length: count - oldest }, (_, n) => {
    const fields = cellsOf(cells, oldest + n)
    const start = fields.from % payloads.length
    // A copy: what is deserialized from the ring itself would change with it.
    const payload =
      fields.length > 0 ? new Uint8Array(payloads.subarray(start, start + fields.length)) : undefined
    return { ...fields, payload }
  })
  // The oldest may have been written over meanwhile.
  const over = Math.max(0, Atomics.load(head, begun) - slots - oldest)
  const payloadsEnd = claimed[0] ?? 0
  return copied.slice(over).map(({ at, kind, caller, name, id, bytes, from, payload }) => {
    const entry: Entry = {
      at,
      kind: entryKinds[kind] ?? 'call',
      caller: names[caller] ?? '',
      name: names[name] ?? '',
      id,
      bytes,
    }
    // Older payloads have been written over.
    if (payload && payloadsEnd - from <= payloads.length) entry.payload = late.v8.deserialize(payload)
    return entry
  })
}

function cellsOf(cells: Float64Array, n: number) {
  const slot = (n % slots) * fields
  const [at = 0, kind = 0, caller = 0, name = 0, id = 0, bytes = 0, from = 0, length = 0] = cells.subarray(
    slot,
    slot + fields,
  )
  return { at, kind, caller, name, id, bytes, from, length }
}

function readNames(room: Buffer, count: number): string[] {
  const names: string[] = []
  for (let at = 0; names.length < count;) {
    const length = room[at] ?? 0
    names.push(room.toString('utf8', at + 1, at + 1 + length))
    at += 1 + length
  }
  return names
}
