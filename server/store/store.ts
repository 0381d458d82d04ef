import { dirname } from 'node:path'
import { errorCode } from '../../shared/errors.ts'
import { openDatabase, type Database, type OpenDatabaseInit } from '../../shared/store/database.ts'
import { DatabaseUnreadable, DiskFull, isDiskFull } from '../../shared/store/errors.ts'
import { DataFolderInUse } from '../errors.ts'

/** What SQLite says of a file that it cannot trust any more. */
const unreadable = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT', 'SQLITE_IOERR', 'SQLITE_CANTOPEN'])

function typed(path: string, error: unknown): unknown {
  // Extended codes go on after the plain one: SQLITE_IOERR_WRITE.
  const code = errorCode(error)?.match(/^SQLITE_[A-Z]+/)?.[0] ?? ''
  if (isDiskFull(error)) return new DiskFull({ cause: error })
  if (code === 'SQLITE_BUSY') return new DataFolderInUse(dirname(path), { cause: error })
  if (unreadable.has(code)) return new DatabaseUnreadable(path, { cause: error })
  return error
}

/** Pages of the database in memory, KB: the newest ends of a few hundred channels are written to again and again. */
const cacheKb = 32 * 1024
/** Pages of 4 KB in the log before they are moved to their places: the more at once, the more of them are the same. */
const checkpointPages = 8_192

/** An open SQLite database whose failures arrive as errors that a person can act on. */
export class Store {
  readonly #path: string
  readonly #database: Database

  constructor(path: string, database: Database) {
    this.#path = path
    this.#database = database
  }

  /** Runs `work`. @throws DiskFull, DatabaseUnreadable, DataFolderInUse, and whatever `work` throws by itself */
  read<T>(work: (database: Database) => T): T {
    try {
      return work(this.#database)
    } catch (error) {
      throw typed(this.#path, error)
    }
  }

  /** As `read`, in one transaction: all of `work` is on disk when this returns, or nothing of it. */
  write<T>(work: (database: Database) => T): T {
    return this.read((database) => database.transaction(() => work(database)).immediate())
  }

  /**
   * Keeps every other process away from the file until this one closes it or dies.
   * @throws DataFolderInUse
   */
  lock(): void {
    this.read((database) => {
      database.pragma('locking_mode = EXCLUSIVE')
      // The lock is taken by the next transaction and kept from then on.
      database.exec('BEGIN IMMEDIATE; COMMIT')
    })
  }

  close(): void {
    this.#database.close()
  }
}

/** @throws DatabaseUnreadable, DatabaseNewer, DiskFull, DataFolderInUse */
export function openStore(init: OpenDatabaseInit): Store {
  try {
    const database = openDatabase(init)
    database.pragma(`cache_size = -${cacheKb}`)
    database.pragma(`wal_autocheckpoint = ${checkpointPages}`)
    return new Store(init.path, database)
  } catch (error) {
    throw typed(init.path, error)
  }
}
