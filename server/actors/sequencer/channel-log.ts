import type { Sequenced } from '../../../shared/control.ts'
import type { MessageEnvelope } from '../../../shared/envelope.ts'
import { IdConflict, LamportOutOfRange, MissingDependencies } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { Place } from './contract.ts'

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
}

/** The messages of every channel, each with its seq. Nothing in it ever changes. */
export class ChannelLog {
  readonly #store: Store
  readonly #statements

  constructor(store: Store) {
    this.#store = store
    this.#statements = store.read((database) => ({
      byId: database.prepare<[string], MessageRow>(
        'SELECT channel, seq, envelope FROM messages WHERE id = ?',
      ),
      channelOf: database.prepare<[string], string>('SELECT channel FROM messages WHERE id = ?').pluck(),
      head: database.prepare<[string], number>('SELECT head FROM channels WHERE id = ?').pluck(),
      maxLamport: database.prepare<[], number>('SELECT coalesce(max(max_lamport), 0) FROM channels').pluck(),
      insert: database.prepare<[string, string, number, Buffer]>(
        'INSERT INTO messages (id, channel, seq, envelope) VALUES (?, ?, ?, ?)',
      ),
      advance: database.prepare<[number, number, string]>(
        'UPDATE channels SET head = ?, max_lamport = max(max_lamport, ?) WHERE id = ?',
      ),
      after: database.prepare<[string, number, number], { seq: number; envelope: Buffer }>(
        'SELECT seq, envelope FROM messages WHERE channel = ? AND seq > ? ORDER BY seq LIMIT ?',
      ),
    }))
  }

  /** Where these very bytes are already; `undefined` where they are new or another message has their id. */
  find({ id }: MessageEnvelope, bytes: Buffer): Place | undefined {
    const row = this.#store.read(() => this.#statements.byId.get(id))
    if (!row?.envelope.equals(bytes)) return undefined
    return { channel: row.channel, id, seq: row.seq, repeated: true }
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
      this.#statements.insert.run(id, channel, seq, bytes)
      this.#statements.advance.run(seq, lamport, channel)
      return { channel, id, seq, repeated: false }
    })
  }

  /** Ascending from the first seq above `after`; fewer than `limit` where the page would grow too large. */
  page(channel: string, after: number, limit: number): { messages: Sequenced[]; head: number } {
    return this.#store.read(() => {
      const messages: Sequenced[] = []
      let chars = 0
      for (const row of this.#statements.after.iterate(channel, after, limit)) {
        const envelope = row.envelope.toString('base64')
        chars += envelope.length
        if (chars > pageChars && messages.length > 0) break
        messages.push({ channel, seq: row.seq, envelope })
      }
      return { messages, head: this.#head(channel) }
    })
  }

  #head(channel: string): number {
    return this.#statements.head.get(channel) ?? 0
  }
}
