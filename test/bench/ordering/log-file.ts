import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import { migrations } from '../../../server/actors/sequencer/migrations.ts'
import { openDatabase, type Database } from '../../../shared/store/database.ts'

/** As long as the envelopes that the load program signs. Nobody reads what is in these. */
const envelope = randomBytes(435)
const digest = Buffer.alloc(32)

function openLog(folder: string): Database {
  return openDatabase({ path: join(folder, 'sequencer.db'), migrations })
}

function inserter(database: Database): (channel: string, seq: number) => void {
  const insert = database.prepare<[string, string, number, Buffer, Buffer, number]>(
    'INSERT INTO messages (id, channel, seq, envelope, digest, at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  return (channel, seq) => void insert.run(uuidv7(), channel, seq, envelope, digest, Date.now())
}

/** The reference: the rows of the sequencer and nothing else, in transactions of 50. */
export class BareInserts {
  readonly #database: Database
  readonly #insert
  readonly #channel = uuidv7()
  #seq = 0

  constructor(folder: string) {
    this.#database = openLog(folder)
    this.#database
      .prepare("INSERT INTO channels (id, name, topic, created_by, created_at) VALUES (?, 'bare', '', '', 0)")
      .run(this.#channel)
    this.#insert = inserter(this.#database)
  }

  /** @returns rows per second */
  run(forMs: number): number {
    const fifty = this.#database.transaction(() => {
      for (let n = 0; n < 50; n++) this.#insert(this.#channel, ++this.#seq)
    })
    const before = this.#seq
    const from = performance.now()
    while (performance.now() - from < forMs) fifty.immediate()
    return ((this.#seq - before) * 1000) / (performance.now() - from)
  }

  close(): void {
    this.#database.close()
  }
}

/**
 * Fills a channel of a stopped server. History neither decodes nor verifies what it reads, so the rows are of the usual
 * length and of no meaning: to sign a million messages would take longer than all of the measuring.
 */
export function fillLog(folder: string, channel: string, messages: number): void {
  const database = openLog(folder)
  database.pragma('synchronous = OFF')
  const insert = inserter(database)
  database.transaction(() => {
    for (let seq = 1; seq <= messages; seq++) insert(channel, seq)
    database.prepare('UPDATE channels SET head = ? WHERE id = ?').run(messages, channel)
  })()
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
}
