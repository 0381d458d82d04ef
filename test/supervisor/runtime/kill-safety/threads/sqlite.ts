import { workerData } from 'node:worker_threads'
import type { Database } from '../../../../../shared/store/database.ts'
import { batchSize, openScratch, type SqliteWork } from '../scratch-database.ts'
import { sayBusy } from './busy.ts'

const { path, encrypted, busyWith } = workerData as SqliteWork
const database = openScratch(path, encrypted)
const { next } = database
  .prepare<[], { next: number }>('SELECT coalesce(max(batch), 0) + 1 AS next FROM entry')
  .get() ?? { next: 1 }
const insert = database.prepare('INSERT INTO entry VALUES (?, ?, ?)')
const body = Buffer.alloc(4096)

const writeBatch = database.transaction((batch: number) => {
  for (let index = 0; index < batchSize; index++) insert.run(batch, index, body)
})

const work: Record<SqliteWork['busyWith'], (database: Database) => void> = {
  transactions() {
    for (let batch = next; ; batch++) writeBatch(batch)
  },
  'an iterator'(database) {
    writeBatch(next)
    const pairs = database.prepare('SELECT a.body, b.body FROM entry a, entry b')
    for (;;) for (const _pair of pairs.iterate());
  },
  'a user function'(database) {
    database.function('spin', (index: unknown) => {
      const end = performance.now() + 1
      while (performance.now() < end);
      return index
    })
    const writeSlowly = database.prepare(
      `WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < ${batchSize})
       INSERT INTO entry SELECT ?, spin(n), ? FROM counted`,
    )
    writeBatch(next)
    for (let batch = next + 1; ; batch++) writeSlowly.run(batch, body)
  },
}
sayBusy()
work[busyWith](database)
