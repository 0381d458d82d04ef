import type { Sequenced } from '../../../shared/control.ts'
import type { UnitedError } from '../../../shared/errors.ts'
import { emptyLogDigest, nextLogDigest } from '../../../shared/log-digest.ts'
import { IdConflict, LamportOutOfRange, MissingDependencies } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { HistoryQuery, Place } from './contract.ts'
import type { ProvenMessage } from './proof.ts'

type PageQuery = Omit<HistoryQuery, 'account'>

/**
 * How far ahead of all that the server has seen a Lamport time may be. Room for any honest group that talked without
 * the server; without a bound, one message at the end of the range would leave nobody a later time.
 */
const lamportLead = 1_000_000

/** Base64 that one page of history may hold: the frame's limit less room for what surrounds it. */
const pageChars = 700_000

/** Channels of which it is remembered where they end. */
const mostTails = 10_000

interface MessageRow {
  channel: string
  seq: number
  envelope: Buffer
  digest: Buffer
  at: number
}

type PageRow = Omit<MessageRow, 'channel'>

/** Where a channel's log ends, and the highest Lamport time of what was appended since it was read. */
interface Tail {
  seq: number
  digest: Uint8Array
  at: number
  lamport: number
}

/** What one transaction has appended so far. */
interface Group {
  tails: Map<string, Tail>
  maxLamport: number
}

/** The log within one transaction. */
export interface LogWriter {
  /**
   * Gives a proven message the next seq of its channel.
   * @param notYet only looks what is missing, since another has to come first
   * @returns its place; what it answers and is not there yet, which may be nothing for `notYet`; or IdConflict, MissingDependencies (which will never
   *   come), LamportOutOfRange
   */
  append(message: ProvenMessage, bytes: Buffer, notYet: boolean): Place | { missing: string[] } | UnitedError
}

/** The messages of every channel, each with its seq. Nothing in it ever changes. */
export class ChannelLog {
  readonly #store: Store
  readonly #statements
  /** The highest Lamport time of all channels. */
  #maxLamport: number
  /** Where channels end that were lately written to, as it is on disk: nobody else writes there. */
  readonly #tails = new Map<string, Tail>()

  constructor(store: Store) {
    this.#store = store
    this.#statements = store.read((database) => ({
      byId: database.prepare<[string], MessageRow>(
        'SELECT channel, seq, envelope, digest, at FROM messages WHERE id = ?',
      ),
      channelOf: database.prepare<[string], string>('SELECT channel FROM messages WHERE id = ?').pluck(),
      head: database.prepare<[string], number>('SELECT head FROM channels WHERE id = ?').pluck(),
      maxLamport: database.prepare<[], number>('SELECT coalesce(max(max_lamport), 0) FROM channels').pluck(),
      insert: database.prepare<[string, string, number, Buffer, Buffer, number]>(
        'INSERT INTO messages (id, channel, seq, envelope, digest, at) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      digest: database
        .prepare<[string, number], Buffer>('SELECT digest FROM messages WHERE channel = ? AND seq = ?')
        .pluck(),
      timeOf: database
        .prepare<[string, number], number>('SELECT at FROM messages WHERE channel = ? AND seq = ?')
        .pluck(),
      advance: database.prepare<[number, number, string]>(
        'UPDATE channels SET head = ?, max_lamport = max(max_lamport, ?) WHERE id = ?',
      ),
      first: database.prepare<[string, number, number, number], PageRow>(
        `SELECT seq, envelope, digest, at FROM messages
         WHERE channel = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?`,
      ),
      last: database.prepare<[string, number, number, number], PageRow>(
        `SELECT seq, envelope, digest, at FROM messages
         WHERE channel = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
      ),
    }))
    this.#maxLamport = store.read(() => this.#statements.maxLamport.get() ?? 0)
  }

  /** Where these very bytes are already; `undefined` where they are new or another message has their id. */
  find(id: string, bytes: Buffer): Place | undefined {
    const row = this.#store.read(() => this.#statements.byId.get(id))
    return row?.envelope.equals(bytes) ? repeated(id, row) : undefined
  }

  /** Runs `work` in one transaction: all that it appends is on disk when this returns, or nothing of it. */
  write(work: (writer: LogWriter) => void): void {
    const group: Group = { tails: new Map(), maxLamport: this.#maxLamport }
    this.#store.write(() => {
      work({ append: (...message) => this.#append(group, ...message) })
      for (const [channel, { seq, lamport }] of group.tails)
        this.#statements.advance.run(seq, lamport, channel)
    })
    this.#maxLamport = group.maxLamport
    if (this.#tails.size >= mostTails) this.#tails.clear()
    for (const [channel, tail] of group.tails) this.#tails.set(channel, tail)
  }

  #append(
    group: Group,
    ...[{ id, channel, lamport, deps }, bytes, notYet]: Parameters<LogWriter['append']>
  ): ReturnType<LogWriter['append']> {
    const there = this.#statements.byId.get(id)
    if (there) return there.envelope.equals(bytes) ? repeated(id, there) : new IdConflict(id)
    const missing = deps.filter((dep) => this.#statements.channelOf.get(dep) !== channel)
    if (missing.length > 0) {
      // What is in another channel will never be in this one: nothing is to be waited for.
      const never = missing.some((dep) => this.#statements.channelOf.get(dep) !== undefined)
      return never ? new MissingDependencies(missing) : { missing }
    }
    if (notYet) return { missing }
    // The author counts over all channels, so the bound does as well.
    const limit = group.maxLamport + lamportLead
    if (lamport >= limit) return new LamportOutOfRange(lamport, limit)
    const before = group.tails.get(channel) ?? this.#tails.get(channel) ?? this.#tail(channel)
    const seq = before.seq + 1
    const digest = nextLogDigest(before.digest, bytes)
    // Places follow each other in time, whatever the clock does.
    const at = Math.max(Date.now(), before.at)
    this.#statements.insert.run(id, channel, seq, bytes, digest, at)
    group.tails.set(channel, { seq, digest, at, lamport: Math.max(lamport, before.lamport) })
    group.maxLamport = Math.max(group.maxLamport, lamport)
    return { channel, id, seq, digest: digest.toString('base64'), at, repeated: false }
  }

  #tail(channel: string): Tail {
    const seq = this.#head(channel)
    const digest = this.#statements.digest.get(channel, seq) ?? emptyLogDigest
    return { seq, digest, at: this.#statements.timeOf.get(channel, seq) ?? 0, lamport: 0 }
  }

  /** Ascending; fewer than `limit` where the page would grow too large. */
  page({ channel, after, before = Number.MAX_SAFE_INTEGER, newest = false, limit }: PageQuery): {
    messages: Sequenced[]
    head: number
  } {
    return this.#store.read(() => {
      const messages: Sequenced[] = []
      let chars = 0
      const rows = newest ? this.#statements.last : this.#statements.first
      for (const { seq, at, ...row } of rows.iterate(channel, after, before, limit)) {
        const envelope = row.envelope.toString('base64')
        chars += envelope.length
        if (chars > pageChars && messages.length > 0) break
        messages.push({ channel, seq, envelope, digest: row.digest.toString('base64'), at })
      }
      if (newest) messages.reverse()
      return { messages, head: this.#head(channel) }
    })
  }

  digests(channel: string, seqs: readonly number[]): { seq: number; digest: string }[] {
    return this.#store.read(() =>
      seqs.flatMap((seq) => {
        const digest = this.#statements.digest.get(channel, seq)
        return digest ? [{ seq, digest: digest.toString('base64') }] : []
      }),
    )
  }

  /** The first seq whose place was given at `at` or later. Times only grow with seq, so it is found by bisection. */
  firstAt(channel: string, at: number): number | null {
    return this.#store.read(() => {
      const head = this.#head(channel)
      let [low, high] = [1, head + 1]
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        if ((this.#statements.timeOf.get(channel, middle) ?? 0) >= at) high = middle
        else low = middle + 1
      }
      return low > head ? null : low
    })
  }

  #head(channel: string): number {
    return this.#statements.head.get(channel) ?? 0
  }
}

function repeated(id: string, { channel, seq, digest, at }: MessageRow): Place {
  return { channel, id, seq, digest: digest.toString('base64'), at, repeated: true }
}
