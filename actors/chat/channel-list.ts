import type { ChannelView } from '../../shared/bridge.ts'
import type { Channel } from '../../shared/channel.ts'
import { withoutWaitingForDisk, type Database } from '../../shared/store/database.ts'

type Row = Omit<ChannelView, 'member'> & { member: number }

/** The channels of the server as this device last heard of them, and how much of each log is here. */
export class ChannelList {
  readonly #database: Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  all(): ChannelView[] {
    return this.#statements.all.all().map(toView)
  }

  get(id: string): ChannelView | undefined {
    const row = this.#statements.one.get(id)
    return row && toView(row)
  }

  isMember(id: string): boolean {
    return this.#statements.isMember.get(id) !== undefined
  }

  joined(): string[] {
    return this.#statements.joined.all().map((row) => row.id)
  }

  keep(channel: Channel): void {
    const row = { ...channel, member: channel.member ? 1 : 0 }
    withoutWaitingForDisk(this.#database, () => this.#statements.keep.run(row))
  }

  raiseHead(id: string, head: number): void {
    withoutWaitingForDisk(this.#database, () => this.#statements.raiseHead.run(head, id))
  }

  /** Moves `here` over everything that has become contiguous. @returns the new value */
  advance(id: string): number {
    let here = this.#statements.here.get(id)?.here ?? 0
    while (this.#statements.hasSeq.get(id, here + 1)) here++
    withoutWaitingForDisk(this.#database, () => this.#statements.setHere.run(here, id))
    return here
  }
}

function toView(row: Row): ChannelView {
  return { ...row, member: row.member === 1 }
}

function prepare(database: Database) {
  const select = `
    SELECT c.id, c.name, c.topic, c.created_by AS createdBy, c.member, c.members, c.head, c.here,
      (SELECT m.at FROM messages m WHERE m.channel = c.id
       ORDER BY coalesce(m.seq, ${Number.MAX_SAFE_INTEGER}) DESC, m.lamport DESC, m.id DESC LIMIT 1) AS lastAt,
      (SELECT count(*) FROM outbox o JOIN messages m ON m.id = o.id WHERE m.channel = c.id) AS pending
    FROM channels c`
  return {
    all: database.prepare<[], Row>(`${select} ORDER BY c.name`),
    one: database.prepare<[string], Row>(`${select} WHERE c.id = ?`),
    isMember: database.prepare<[string]>(`SELECT 1 FROM channels WHERE id = ? AND member = 1`),
    joined: database.prepare<[], { id: string }>(`SELECT id FROM channels WHERE member = 1`),
    keep: database.prepare(
      `INSERT INTO channels (id, name, topic, created_by, member, members, head)
       VALUES (@id, @name, @topic, @createdBy, @member, @members, @head)
       ON CONFLICT (id) DO UPDATE SET name = @name, topic = @topic, member = @member, members = @members,
         head = max(head, @head)`,
    ),
    raiseHead: database.prepare<[number, string]>(`UPDATE channels SET head = max(head, ?) WHERE id = ?`),
    here: database.prepare<[string], { here: number }>(`SELECT here FROM channels WHERE id = ?`),
    setHere: database.prepare<[number, string]>(`UPDATE channels SET here = ? WHERE id = ?`),
    hasSeq: database.prepare<[string, number], { id: string }>(
      `SELECT id FROM messages WHERE channel = ? AND seq = ?`,
    ),
  }
}
