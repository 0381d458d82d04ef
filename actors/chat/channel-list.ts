import type { ChannelView } from '../../shared/bridge.ts'
import type { Channel } from '../../shared/channel.ts'
import type { HeldRanges } from './held-ranges.ts'
import { withoutWaitingForDisk, type Database } from '../../shared/store/database.ts'

type Row = Omit<ChannelView, 'member' | 'held'> & { member: number }

/** The channels of the server as this device last heard of them, and how much of each log is here. */
export class ChannelList {
  readonly #database: Database
  readonly #self: string
  readonly #held: HeldRanges
  readonly #statements: ReturnType<typeof prepare>

  /** @param self the account that reads and writes here */
  constructor(database: Database, self: string, held: HeldRanges) {
    this.#database = database
    this.#self = self
    this.#held = held
    this.#statements = prepare(database)
  }

  all(): ChannelView[] {
    return this.#statements.all.all(this.#self, this.#self).map((row) => this.#toView(row))
  }

  get(id: string): ChannelView | undefined {
    const row = this.#statements.one.get(this.#self, this.#self, id)
    return row && this.#toView(row)
  }

  isMember(id: string): boolean {
    return this.#statements.isMember.get(id) !== undefined
  }

  joined(): string[] {
    return this.#statements.joined.all().map((row) => row.id)
  }

  /** Keeps what the server says of it. Whoever joins has read what was said before. */
  keep(channel: Channel): void {
    const row = { ...channel, member: channel.member ? 1 : 0 }
    withoutWaitingForDisk(this.#database, () => {
      if (channel.member && !this.isMember(channel.id)) this.#statements.join.run(row)
      else this.#statements.keep.run(row)
    })
  }

  raiseHead(id: string, head: number): void {
    withoutWaitingForDisk(this.#database, () => this.#statements.raiseHead.run(head, id))
  }

  /** The server's log is shorter than it was. */
  lowerHead(id: string, head: number): void {
    this.#database.transaction(() => this.#statements.lowerHead.run(head, head, id))()
  }

  /** Everything up to `seq` was read; the marker never goes back. */
  markRead(id: string, seq: number): void {
    withoutWaitingForDisk(this.#database, () => this.#statements.markRead.run(seq, id))
  }

  #toView(row: Row): ChannelView {
    return { ...row, member: row.member === 1, held: this.#held.of(row.id) }
  }
}

function prepare(database: Database) {
  const select = `
    SELECT c.id, c.name, c.topic, c.created_by AS createdBy, c.member, c.members, c.head, c.read_to AS read,
      max(0, c.head - c.read_to - (SELECT count(*) FROM messages m
        WHERE m.author = ? AND m.channel = c.id AND m.seq > c.read_to)) AS unread,
      (SELECT m.at FROM messages m WHERE m.channel = c.id
       ORDER BY coalesce(m.seq, ${Number.MAX_SAFE_INTEGER}) DESC, m.lamport DESC, m.id DESC LIMIT 1) AS lastAt,
      (SELECT count(*) FROM outbox o JOIN messages m ON m.id = o.id WHERE m.channel = c.id AND m.author = ?) AS pending
    FROM channels c`
  const changed = `name = @name, topic = @topic, member = @member, members = @members, head = max(head, @head)`
  return {
    all: database.prepare<[string, string], Row>(`${select} ORDER BY c.name`),
    one: database.prepare<[string, string, string], Row>(`${select} WHERE c.id = ?`),
    isMember: database.prepare<[string]>(`SELECT 1 FROM channels WHERE id = ? AND member = 1`),
    joined: database.prepare<[], { id: string }>(`SELECT id FROM channels WHERE member = 1`),
    keep: database.prepare(
      `INSERT INTO channels (id, name, topic, created_by, member, members, head)
       VALUES (@id, @name, @topic, @createdBy, @member, @members, @head)
       ON CONFLICT (id) DO UPDATE SET ${changed}`,
    ),
    join: database.prepare(
      `INSERT INTO channels (id, name, topic, created_by, member, members, head, read_to)
       VALUES (@id, @name, @topic, @createdBy, @member, @members, @head, @head)
       ON CONFLICT (id) DO UPDATE SET ${changed}, read_to = @head`,
    ),
    raiseHead: database.prepare<[number, string]>(`UPDATE channels SET head = max(head, ?) WHERE id = ?`),
    lowerHead: database.prepare<[number, number, string]>(
      `UPDATE channels SET head = min(head, ?), read_to = min(read_to, ?) WHERE id = ?`,
    ),
    markRead: database.prepare<[number, string]>(
      `UPDATE channels SET read_to = min(head, max(read_to, ?)) WHERE id = ?`,
    ),
  }
}
