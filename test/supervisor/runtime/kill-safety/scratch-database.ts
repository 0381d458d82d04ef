import { openDatabase, type Database } from '../../../../shared/store/database.ts'

/** What a thread is doing with its database when it is killed. */
export interface SqliteWork {
  path: string
  encrypted: boolean
  busyWith: 'transactions' | 'an iterator' | 'a user function'
}

/** Entries that a transaction writes. */
export const batchSize = 20

const migrations = [
  'CREATE TABLE entry (batch INTEGER NOT NULL, n INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (batch, n)) STRICT',
]

/** Opens it as the actors open theirs; encrypted as the chat actor's is. */
export function openScratch(path: string, encrypted: boolean): Database {
  return openDatabase({ path, migrations, ...(encrypted ? { key: new Uint8Array(32).fill(7) } : {}) })
}

/** What is wrong with a database whose writers were killed: nothing, when it is as it should be. */
export function damage(path: string, encrypted: boolean): string[] {
  const database = openScratch(path, encrypted)
  try {
    const complaints = database.prepare<[], string>('PRAGMA integrity_check').pluck().all()
    const batches = database
      .prepare<[], { batch: number; entries: number }>(
        'SELECT batch, count(*) AS entries FROM entry GROUP BY batch',
      )
      .all()
    const torn = batches.filter(({ entries }) => entries !== batchSize)
    return [
      ...complaints.filter((complaint) => complaint !== 'ok'),
      ...torn.map(({ batch, entries }) => `batch ${batch} has ${entries} of its ${batchSize} entries`),
      ...(batches.length === 0 ? ['no batch was ever written'] : []),
    ]
  } finally {
    database.close()
  }
}
