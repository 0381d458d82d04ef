import type { MessageView } from '../../shared/bridge.ts'
import type { Database } from '../../shared/store/database.ts'

/** Where an unconfirmed message stands: after every confirmed one. */
const afterAll = Number.MAX_SAFE_INTEGER

export interface MessageRow {
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
  /** 0 where nobody has accepted the key that signed it. */
  accepted: number | null
}

export interface EntryRow {
  seq: number
  unsigned: Buffer
  sig: Buffer
  digest: Buffer
  at: number
}

/** ms since the epoch; null for what has not happened. */
export interface TraceRow {
  mine: number
  written: number | null
  signed: number | null
  gossiped: number | null
  received: number | null
  receivedBy: 'p2p' | 'link' | null
  sequenced: number | null
  confirmed: number | null
  shown: number | null
}

const columns = `m.id, m.channel, m.author, a.name, m.text, m.at, m.lamport, m.seq, m.state, m.refusal, k.accepted`
const from = `FROM messages m LEFT JOIN accounts a ON a.id = m.author
  LEFT JOIN account_keys k ON k.account = m.author AND k.key = m.key`
const trace = `SELECT received_by IS NULL AS mine, written_at AS written, signed_at AS signed,
  gossiped_at AS gossiped, received_at AS received, received_by AS receivedBy, sequenced_at AS sequenced,
  confirmed_at AS confirmed, shown_at AS shown FROM messages`
const entry = `SELECT seq, unsigned, sig, digest, sequenced_at AS at FROM messages`

/** Every statement on the messages of `chat.db`. */
export function prepareLog(database: Database) {
  return {
    one: database.prepare<[string], MessageRow>(`SELECT ${columns} ${from} WHERE m.id = ?`),
    range: database.prepare<[string, number, number], MessageRow>(
      `SELECT ${columns} ${from} WHERE m.channel = ? AND m.seq BETWEEN ? AND ? ORDER BY m.seq`,
    ),
    isPending: database.prepare<[string]>(`SELECT 1 FROM messages WHERE id = ? AND seq IS NULL`),
    pending: database.prepare<[string], MessageRow>(
      `SELECT ${columns} ${from}
       WHERE m.channel = ? AND coalesce(m.seq, ${afterAll}) = ${afterAll} ORDER BY m.lamport, m.id`,
    ),
    entries: database.prepare<[string, number, number, number], EntryRow>(
      `${entry} WHERE sig IS NOT NULL AND channel = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    ),
    entryAt: database.prepare<[string, number], EntryRow>(
      // A signature of our own may come to the disk after the server's answer.
      `${entry} WHERE sig IS NOT NULL AND channel = ? AND seq = ?`,
    ),
    digestAt: database.prepare<[string, number], { digest: Buffer }>(
      `SELECT digest FROM messages WHERE channel = ? AND seq = ?`,
    ),
    news: database.prepare<[string, number, number], { unsigned: Buffer; sig: Buffer }>(
      `SELECT unsigned, sig FROM messages
       WHERE channel = ? AND coalesce(seq, ${afterAll}) > ? AND sig IS NOT NULL
       ORDER BY coalesce(seq, ${afterAll}), lamport, id LIMIT ?`,
    ),
    confirmedFrom: database.prepare<[string, number], { id: string }>(
      `SELECT id FROM messages WHERE channel = ? AND seq >= ?`,
    ),
    unconfirm: database.prepare<[string, string]>(
      `UPDATE messages SET seq = NULL, digest = NULL, sequenced_at = NULL, confirmed_at = NULL,
         state = iif(author = ?, 'waiting', 'with-peers') WHERE id = ?`,
    ),
    trace: database.prepare<[string], TraceRow>(`${trace} WHERE id = ?`),
    lastTraces: database.prepare<[number], TraceRow>(`${trace} ORDER BY id DESC LIMIT ?`),
    noteShown: database.prepare<[number, string]>(
      `UPDATE messages SET shown_at = ? WHERE id = ? AND shown_at IS NULL`,
    ),
    noteGossiped: database.prepare<[number, string]>(
      `UPDATE messages SET gossiped_at = ? WHERE id = ? AND gossiped_at IS NULL`,
    ),
    clock: database.prepare<[], { lamport: number; confirmed: number }>(
      `SELECT lamport, confirmed FROM clock`,
    ),
    noteConfirmed: database.prepare<[string]>(
      `UPDATE clock SET confirmed = max(confirmed, (SELECT lamport FROM messages WHERE id = ?))`,
    ),
    advance: database.prepare<[number]>(`UPDATE clock SET lamport = max(lamport, ?)`),
    insert: database.prepare(
      `INSERT INTO messages (id, channel, author, text, at, lamport, seq, state, unsigned, sig, key, digest,
         written_at, received_at, received_by, sequenced_at, confirmed_at)
       VALUES (@id, @channel, @author, @text, @at, @lamport, @seq, @state, @unsigned, @sig, @key, @digest,
         @writtenAt, @receivedAt, @receivedBy, @sequencedAt, @confirmedAt)`,
    ),
    confirm: database.prepare<[number, Buffer, number, number, string]>(
      `UPDATE messages SET seq = ?, digest = ?, sequenced_at = ?, confirmed_at = ?, state = 'confirmed',
         refusal = NULL WHERE id = ? AND seq IS NULL`,
    ),
    signed: database.prepare<[string], { unsigned: Buffer; sig: Buffer | null }>(
      `SELECT unsigned, sig FROM messages WHERE id = ?`,
    ),
    sign: database.prepare<[Buffer, number, string]>(
      `UPDATE messages SET sig = ?, signed_at = ? WHERE id = ? AND sig IS NULL`,
    ),
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
    // What a stranger says and the server has not taken must not be able to hold back what is written here. What is in
    // the outbox is brought there by us, also what somebody else wrote and the server has lost.
    tips: database.prepare<[string, string, number], { id: string }>(
      `SELECT t.id FROM tips t JOIN messages m ON m.id = t.id
       WHERE t.channel = ? AND (m.seq IS NOT NULL OR m.author = ? OR m.id IN (SELECT id FROM outbox)) ORDER BY m.lamport DESC LIMIT ?`,
    ),
    remove: database.prepare<[string]>(`DELETE FROM messages WHERE id = ?`),
    addTip: database.prepare<[string, string]>(`INSERT OR IGNORE INTO tips VALUES (?, ?)`),
    dropTip: database.prepare<[string]>(`DELETE FROM tips WHERE id = ?`),
  }
}
