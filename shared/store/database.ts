import Database from 'better-sqlite3'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from '../errors.ts'
import { DatabaseNewer, DatabaseUnreadable, DiskFull, isDiskFull } from './errors.ts'

export type { Database } from 'better-sqlite3'

export interface OpenDatabaseInit {
  path: string
  /** 32 bytes: the file is encrypted under it. Without one it is plain SQLite. */
  key?: Uint8Array
  /** What leads from one layout to the next; its index + 1 is the `user_version` that it leads to. */
  migrations: readonly Migration[]
}

/** SQL, or code for what SQL cannot say. Runs in a transaction of its own. */
export type Migration = string | ((database: Database.Database) => void)

/**
 * Opens a database, durable at every commit (WAL, synchronous=FULL), and brings it to the newest layout.
 * @throws DatabaseUnreadable, DatabaseNewer, DiskFull
 */
export function openDatabase({ path, key, migrations }: OpenDatabaseInit): Database.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let database: Database.Database
  try {
    database = new Database(path)
  } catch (cause) {
    throw new DatabaseUnreadable(path, { cause })
  }
  try {
    if (key) {
      database.pragma(`cipher='chacha20'`)
      database.key(Buffer.from(key))
    }
    const version = Number(database.pragma('user_version', { simple: true }))
    if (version > migrations.length) throw new DatabaseNewer(path, version, migrations.length)
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    migrate(database, migrations, version)
    return database
  } catch (cause) {
    database.close()
    if (isDiskFull(cause)) throw new DiskFull({ cause })
    // Extended codes go on after the plain one: SQLITE_IOERR_READ.
    if (/^SQLITE_(NOTADB|CORRUPT|IOERR)/.test(errorCode(cause) ?? '')) {
      throw new DatabaseUnreadable(path, { cause })
    }
    throw cause
  }
}

/**
 * Runs `work` in a transaction that a power cut may undo, though no crash of the program can: it is not waited for
 * until the disk has it. For what can be had again from elsewhere; the next durable commit carries it along.
 */
export function withoutWaitingForDisk<T>(database: Database.Database, work: () => T): T {
  database.pragma('synchronous = NORMAL')
  try {
    return database.transaction(work)()
  } finally {
    database.pragma('synchronous = FULL')
  }
}

function migrate(database: Database.Database, migrations: readonly Migration[], from: number): void {
  for (const [index, migration] of migrations.entries()) {
    if (index < from) continue
    database.transaction(() => {
      if (typeof migration === 'string') database.exec(migration)
      else migration(database)
      database.pragma(`user_version = ${index + 1}`)
    })()
  }
}
