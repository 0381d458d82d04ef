import { decode } from '@ipld/dag-cbor'
import { uuidv7 } from 'uuidv7'
import type { Account } from '../../shared/account.ts'
import type { MessagePage, MessageView } from '../../shared/bridge.ts'
import { Forged } from './errors.ts'
import type { WireError } from '../../shared/control.ts'
import {
  encodeEnvelope,
  signedBytes,
  type MessageEnvelope,
  type UnsignedEnvelope,
} from '../../shared/envelope.ts'
import { limits } from '../../shared/limits.ts'
import { withoutWaitingForDisk, type Database } from '../../shared/store/database.ts'
import { DiskFull, isDiskFull } from '../../shared/store/errors.ts'

/** Where an unconfirmed message stands: after every confirmed one. */
const afterAll = Number.MAX_SAFE_INTEGER

interface Row {
  id: string
  channel: string
  author: string
  name: string | null
  text: string
  at: number
  lamport: number
  seq: number | null
  state: MessageView['state']
  refusal: string | null
}

const columns = `m.id, m.channel, m.author, a.name, m.text, m.at, m.lamport, m.seq, m.state, m.refusal`
const from = `FROM messages m LEFT JOIN accounts a ON a.id = m.author`

/** The messages of this device: every one it has written or believed, and the Lamport clock that they move. */
export class MessageLog {
  readonly #database: Database
  readonly #self: Account
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database, self: Account) {
    this.#database = database
    this.#self = self
    this.#statements = prepare(database)
  }

  view(id: string): MessageView | undefined {
    const row = this.#statements.one.get(id)
    return row && this.#toView(row)
  }

  page(channel: string, before: string | undefined, limit: number): MessagePage {
    const edge = before === undefined ? undefined : this.#statements.one.get(before)
    const rows = edge
      ? this.#statements.before.all(channel, edge.seq ?? afterAll, edge.lamport, edge.id, limit + 1)
      : this.#statements.newest.all(channel, limit + 1)
    const messages = rows.slice(0, limit).map((row) => this.#toView(row))
    return { messages: messages.reverse(), more: rows.length > limit }
  }

  /** A message of our own as it will be signed: its Lamport time and its dependencies are those of this moment. */
  compose(id: string, channel: string, text: string, key: Uint8Array): UnsignedEnvelope {
    const lamport = (this.#statements.clock.get()?.lamport ?? 0) + 1
    const deps = this.#statements.tips.all(channel, this.#self.id, limits.dependencies).map((row) => row.id)
    return {
      ...{ v: 1, id, author: this.#self.id, key: new Uint8Array(key), channel, text },
      ...{ attachments: [], blocks: [], lamport, deps, at: Date.now() },
    }
  }

  /**
   * Keeps a message that was composed just now, and its place in the outbox, in one commit that the disk has.
   * @throws DiskFull
   */
  write(envelope: UnsignedEnvelope): void {
    try {
      this.#database.transaction(() => this.#insertOwn(envelope))()
    } catch (cause) {
      throw isDiskFull(cause) ? new DiskFull({ cause }) : cause
    }
  }

  /**
   * Keeps a message that came from outside and was verified.
   * @returns the ids of messages that look different now
   * @throws Forged for an unconfirmed message from too far in the future
   */
  receive(envelope: MessageEnvelope, seq: number | null): string[] {
    return withoutWaitingForDisk(this.#database, () => {
      const known = this.#statements.one.get(envelope.id)
      if (!known) {
        if (seq === null) this.#requireNearby(envelope)
        this.#keep(envelope, seq)
        return [envelope.id]
      }
      if (seq === null || known.seq !== null) return []
      if (this.#statements.signed.get(envelope.id)?.unsigned.equals(signedBytes(envelope))) {
        return this.#confirm(envelope.id, seq) ? [envelope.id] : []
      }
      return this.#replace(known, envelope, seq)
    })
  }

  /** One message could otherwise push the clock so far that nobody here could write any more. */
  #requireNearby({ id, lamport }: MessageEnvelope): void {
    const confirmed = this.#statements.clock.get()?.confirmed ?? 0
    if (lamport > confirmed + limits.lamportLead) throw new Forged('lamport-out-of-range', id)
  }

  #keep(envelope: MessageEnvelope, seq: number | null): void {
    this.#statements.advance.run(envelope.lamport)
    this.#insert(envelope, seq === null ? 'with-peers' : 'confirmed', seq, envelope.sig)
    if (seq !== null) this.#statements.noteConfirmed.run(envelope.id)
  }

  /** Under this id the server has taken other bytes than those that are here. Text of our own goes on under a new id. */
  #replace(known: Row, envelope: MessageEnvelope, seq: number): string[] {
    const ours = known.author === this.#self.id ? this.#statements.signed.get(known.id)?.unsigned : undefined
    this.#statements.dropFromOutbox.run(known.id)
    this.#statements.dropTip.run(known.id)
    this.#statements.remove.run(known.id)
    this.#keep(envelope, seq)
    if (!ours) return [envelope.id]
    const { key } = decode<UnsignedEnvelope>(ours)
    const again = this.compose(uuidv7(), known.channel, known.text, key)
    this.#insertOwn(again)
    return [envelope.id, again.id]
  }

  /** The server has given it a place. @returns false when that was known */
  confirm(id: string, seq: number): boolean {
    return withoutWaitingForDisk(this.#database, () => this.#confirm(id, seq))
  }

  #confirm(id: string, seq: number): boolean {
    const { changes } = this.#statements.confirm.run(seq, id)
    this.#statements.dropFromOutbox.run(id)
    this.#statements.noteConfirmed.run(id)
    return changes > 0
  }

  /** The signed envelope, or undefined while it is not signed. */
  envelope(id: string): Uint8Array | undefined {
    const row = this.#statements.signed.get(id)
    return row?.sig ? withSignature(row.unsigned, row.sig) : undefined
  }

  /** The bytes that are signed. */
  unsigned(id: string): Uint8Array | undefined {
    return this.#statements.signed.get(id)?.unsigned
  }

  /** A signature is the same each time it is made, so losing one to a power cut loses nothing. */
  keepSignature(id: string, signature: Uint8Array): void {
    withoutWaitingForDisk(this.#database, () => this.#statements.sign.run(Buffer.from(signature), id))
  }

  /** Whether these exact bytes are here under a signature that was checked before. */
  holds(envelope: MessageEnvelope): boolean {
    const row = this.#statements.signed.get(envelope.id)
    return row?.sig != null && row.sig.equals(envelope.sig) && row.unsigned.equals(signedBytes(envelope))
  }

  markWithPeers(id: string): void {
    withoutWaitingForDisk(this.#database, () => this.#statements.withPeers.run(id))
  }

  refuse(id: string, refusal: WireError): void {
    this.#database.transaction(() => {
      this.#statements.refuse.run(JSON.stringify(refusal), id)
      this.#statements.dropFromOutbox.run(id)
      // What is refused is nobody's dependency.
      this.#statements.dropTip.run(id)
    })()
  }

  retry(id: string): void {
    this.#database.transaction(() => {
      if (this.#statements.unrefuse.run(id).changes > 0) this.#statements.addToOutbox.run(id)
    })()
  }

  isInOutbox(id: string): boolean {
    return this.#statements.isInOutbox.get(id) !== undefined
  }

  /** Ids that wait for the server, in the order in which they were written. */
  outbox(): string[] {
    return this.#statements.outbox.all().map((row) => row.id)
  }

  #insertOwn(envelope: UnsignedEnvelope): void {
    this.#statements.advance.run(envelope.lamport)
    this.#insert(envelope, 'waiting', null, null)
    this.#statements.addToOutbox.run(envelope.id)
  }

  #insert(
    envelope: UnsignedEnvelope | MessageEnvelope,
    state: MessageView['state'],
    seq: number | null,
    sig: Uint8Array | null,
  ): void {
    const { id, channel, author, text, at, lamport, deps } = envelope
    const unsigned = Buffer.from(signedBytes(envelope))
    const signature = sig && Buffer.from(sig)
    this.#statements.insert.run({
      id,
      channel,
      author,
      text,
      at,
      lamport,
      seq,
      state,
      unsigned,
      sig: signature,
    })
    for (const dep of deps) this.#statements.dropTip.run(dep)
    this.#statements.addTip.run(channel, id)
  }

  #toView(row: Row): MessageView {
    const { name, author, refusal, ...rest } = row
    return {
      ...rest,
      author: { id: author, name: name ?? 'unknown' },
      mine: author === this.#self.id,
      refusal: refusal === null ? null : (JSON.parse(refusal) as WireError),
    }
  }
}

/** The encoded envelope made of what was signed and its signature. */
export function withSignature(unsigned: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeEnvelope({ ...decode<UnsignedEnvelope>(unsigned), sig: new Uint8Array(signature) })
}

function prepare(database: Database) {
  return {
    one: database.prepare<[string], Row>(`SELECT ${columns} ${from} WHERE m.id = ?`),
    newest: database.prepare<[string, number], Row>(
      `SELECT ${columns} ${from} WHERE m.channel = ?
       ORDER BY coalesce(m.seq, ${afterAll}) DESC, m.lamport DESC, m.id DESC LIMIT ?`,
    ),
    before: database.prepare<[string, number, number, string, number], Row>(
      `SELECT ${columns} ${from}
       WHERE m.channel = ? AND (coalesce(m.seq, ${afterAll}), m.lamport, m.id) < (?, ?, ?)
       ORDER BY coalesce(m.seq, ${afterAll}) DESC, m.lamport DESC, m.id DESC LIMIT ?`,
    ),
    clock: database.prepare<[], { lamport: number; confirmed: number }>(
      `SELECT lamport, confirmed FROM clock`,
    ),
    noteConfirmed: database.prepare<[string]>(
      `UPDATE clock SET confirmed = max(confirmed, (SELECT lamport FROM messages WHERE id = ?))`,
    ),
    advance: database.prepare<[number]>(`UPDATE clock SET lamport = max(lamport, ?)`),
    insert: database.prepare(
      `INSERT INTO messages (id, channel, author, text, at, lamport, seq, state, unsigned, sig)
       VALUES (@id, @channel, @author, @text, @at, @lamport, @seq, @state, @unsigned, @sig)`,
    ),
    confirm: database.prepare<[number, string]>(
      `UPDATE messages SET seq = ?, state = 'confirmed', refusal = NULL WHERE id = ? AND seq IS NULL`,
    ),
    signed: database.prepare<[string], { unsigned: Buffer; sig: Buffer | null }>(
      `SELECT unsigned, sig FROM messages WHERE id = ?`,
    ),
    sign: database.prepare<[Buffer, string]>(`UPDATE messages SET sig = ? WHERE id = ? AND sig IS NULL`),
    withPeers: database.prepare<[string]>(
      `UPDATE messages SET state = 'with-peers' WHERE id = ? AND state = 'waiting'`,
    ),
    refuse: database.prepare<[string, string]>(
      `UPDATE messages SET state = 'refused', refusal = ? WHERE id = ? AND seq IS NULL`,
    ),
    unrefuse: database.prepare<[string]>(
      `UPDATE messages SET state = 'waiting', refusal = NULL WHERE id = ? AND state = 'refused'`,
    ),
    outbox: database.prepare<[], { id: string }>(
      `SELECT o.id FROM outbox o JOIN messages m ON m.id = o.id ORDER BY m.lamport, m.id`,
    ),
    isInOutbox: database.prepare<[string]>(`SELECT 1 FROM outbox WHERE id = ?`),
    addToOutbox: database.prepare<[string]>(`INSERT OR IGNORE INTO outbox VALUES (?)`),
    dropFromOutbox: database.prepare<[string]>(`DELETE FROM outbox WHERE id = ?`),
    // What a stranger says and the server has not taken must not be able to hold back what is written here.
    tips: database.prepare<[string, string, number], { id: string }>(
      `SELECT t.id FROM tips t JOIN messages m ON m.id = t.id
       WHERE t.channel = ? AND (m.seq IS NOT NULL OR m.author = ?) ORDER BY m.lamport DESC LIMIT ?`,
    ),
    remove: database.prepare<[string]>(`DELETE FROM messages WHERE id = ?`),
    addTip: database.prepare<[string, string]>(`INSERT OR IGNORE INTO tips VALUES (?, ?)`),
    dropTip: database.prepare<[string]>(`DELETE FROM tips WHERE id = ?`),
  }
}
