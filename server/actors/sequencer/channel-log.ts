import type { Sequenced } from '../../../shared/control.ts'
import type { MessageEnvelope } from '../../../shared/envelope.ts'
import { emptyLogDigest, nextLogDigest } from '../../../shared/log-digest.ts'
import { IdConflict, LamportOutOfRange, MissingDependencies } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { HistoryQuery, Place } from './contract.ts'

type PageQuery = Omit<HistoryQuery, 'account'>

/**
 * How far ahead of all that the server has seen a Lamport time may be. Room for any honest group that talked without
 * the server; without a bound, one message at the end of the range would leave nobody a later time.
 */
const lamportLead = 1_000_000

/** Base64 that one page of history may hold: the frame's limit less room for what surrounds it. */
const pageChars = 700_000

interface MessageRow {
  channel: string
  seq: number
  envelope: Buffer
  digest: Buffer
  at: number
}

type PageRow = Omit<MessageRow, 'channel'>

/** The messages of every channel, each with its seq. Nothing in it ever changes. */
export class ChannelLog {
  readonly #store: Store
  readonly #statements

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
  }

  /** Where these very bytes are already; `undefined` where they are new or another message has their id. */
  find({ id }: MessageEnvelope, bytes: Buffer): Place | undefined {
    const row = this.#store.read(() => this.#statements.byId.get(id))
    if (!row?.envelope.equals(bytes)) return undefined
    const { channel, seq, digest, at } = row
    return { channel, id, seq, digest: digest.toString('base64'), at, repeated: true }
  }

  /**
   * Gives a checked message the next seq of its channel.
   * @throws IdConflict, MissingDependencies, LamportOutOfRange
   */
  append(envelope: MessageEnvelope, bytes: Buffer): Place {
    const { id, channel, lamport } = envelope
    return this.#store.write(() => {
      const there = this.find(envelope, bytes)
      if (there) return there
      if (this.#statements.channelOf.get(id) !== undefined) throw new IdConflict(id)
      const missing = envelope.deps.filter((dep) => this.#statements.channelOf.get(dep) !== channel)
      if (missing.length > 0) throw new MissingDependencies(missing)
      // The author counts over all channels, so the bound does as well.
      const limit = (this.#statements.maxLamport.get() ?? 0) + lamportLead
      if (lamport >= limit) throw new LamportOutOfRange(lamport, limit)
      const seq = this.#head(channel) + 1
      const before = this.#statements.digest.get(channel, seq - 1) ?? emptyLogDigest
      const digest = nextLogDigest(before, bytes)
      // Places follow each other in time, whatever the clock does.
      const at = Math.max(Date.now(), this.#statements.timeOf.get(channel, seq - 1) ?? 0)
      this.#statements.insert.run(id, channel, seq, bytes, digest, at)
      this.#statements.advance.run(seq, lamport, channel)
      return { channel, id, seq, digest: digest.toString('base64'), at, repeated: false }
    })
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
