import { deserialize, serialize } from 'node:v8'
import { entryKinds, type Entry, type EntryKind } from './entry.ts'

/*
 * The ring lies in shared memory, so that the supervisor can read it when the actor's thread is gone:
 *
 *   head     Int32 x 2     entries written | names written
 *   names    Uint8 x 8 Ki  length, text, length, text ... each name once
 *   entries  Float64 x 8   at | kind | caller | name | id | bytes | payload from | payload length
 *   payloads Uint8         around and around; "from" counts over all rounds
 *
 * One thread writes. A reader of a ring that is written to may see an entry that is being replaced; it is one that
 * would be gone a moment later.
 */
const headWords = 2
const namesBytes = 8 * 1024
const fields = 8
const slots = 256
const payloadBytes = 64 * 1024
/** A larger payload is not kept: it would push all others out. */
const largestPayload = payloadBytes / 8

const namesAt = headWords * 4
const entriesAt = namesAt + namesBytes
const payloadsAt = entriesAt + slots * fields * 8

/** @param payloads whether there is room for payloads */
export function ringMemory(payloads: boolean): SharedArrayBuffer {
  return new SharedArrayBuffer(payloadsAt + (payloads ? payloadBytes : 0))
}

interface Views {
  head: Int32Array
  names: Buffer
  entries: Float64Array
  payloads: Buffer
}

function viewsOf(memory: SharedArrayBuffer): Views {
  return {
    head: new Int32Array(memory, 0, headWords),
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
  }

  record(kind: EntryKind, caller: string, name: string, id: number, bytes: number, payload?: unknown): void {
    const { entries, head } = this.#views
    const slot = (this.#count % slots) * fields
    entries[slot] = performance.timeOrigin + performance.now()
    entries[slot + 1] = entryKinds.indexOf(kind)
    entries[slot + 2] = this.#nameOf(caller)
    entries[slot + 3] = this.#nameOf(name)
    entries[slot + 4] = id
    entries[slot + 5] = bytes
    const length = payload === undefined ? 0 : this.#keep(payload)
    entries[slot + 6] = this.#payloadsEnd - length
    entries[slot + 7] = length
    // The count goes last: a reader never sees an entry that was not finished.
    Atomics.store(head, 0, ++this.#count)
  }

  #nameOf(name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const { names, head } = this.#views
    const text = Buffer.from(name).subarray(0, 255)
    // Actors have few callers and methods; should the room end, the rest go by the name of the first.
    if (this.#namesEnd + 1 + text.length > namesBytes) return 0
    names[this.#namesEnd] = text.length
    names.set(text, this.#namesEnd + 1)
    this.#namesEnd += 1 + text.length
    const number = this.#names.size
    this.#names.set(name, number)
    Atomics.store(head, 1, this.#names.size)
    return number
  }

  /** @returns the bytes it takes, 0 when it is not kept; it ends at `#payloadsEnd` */
  #keep(payload: unknown): number {
    const { payloads } = this.#views
    const bytes = serialize(payload)
    if (payloads.length === 0 || bytes.length > largestPayload) return 0
    const start = this.#payloadsEnd % payloads.length
    // No payload lies across the end of the ring.
    if (start + bytes.length > payloads.length) this.#payloadsEnd += payloads.length - start
    payloads.set(bytes, this.#payloadsEnd % payloads.length)
    this.#payloadsEnd += bytes.length
    return bytes.length
  }
}

/** Reads what is in a ring, oldest first. The writer may be dead. */
export function readRing(memory: SharedArrayBuffer): Entry[] {
  const { head, names: namesRoom, entries: cells, payloads } = viewsOf(memory)
  const count = Atomics.load(head, 0)
  const names = readNames(namesRoom, Atomics.load(head, 1))
  const oldest = Math.max(0, count - slots)
  const written = Array.from({ length: count - oldest }, (_, n) => cellsOf(cells, oldest + n))
  const payloadsEnd = Math.max(0, ...written.map(({ from, length }) => from + length))
  return written.map(({ at, kind, caller, name, id, bytes, from, length }) => {
    const entry: Entry = {
      at,
      kind: entryKinds[kind] ?? 'call',
      caller: names[caller] ?? '',
      name: names[name] ?? '',
      id,
      bytes,
    }
    // Older payloads have been written over.
    if (length > 0 && payloadsEnd - from <= payloads.length) {
      const start = from % payloads.length
      entry.payload = deserialize(payloads.subarray(start, start + length))
    }
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
