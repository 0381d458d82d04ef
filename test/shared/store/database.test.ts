import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { errorCode } from '../../../shared/errors.ts'
import { openDatabase, withoutWaitingForDisk, type Database } from '../../../shared/store/database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const databases = suite('databases')
const folder = temporaryFolder()
let files = 0
const freshPath = () => join(folder.path, `${++files}`, 'some.db')

const first = 'CREATE TABLE notes (text TEXT NOT NULL) STRICT'
const second = `ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 0; UPDATE notes SET stars = 1`
const key = new Uint8Array(32).fill(3)

const codeOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return errorCode(error)
  }
  return 'it did not throw'
}
const version = (database: Database) => database.pragma('user_version', { simple: true })
const notes = (database: Database) => database.prepare('SELECT * FROM notes').all()

/** A closed database of one layout with one note in it. */
function written(migrations: readonly string[], withKey?: Uint8Array): string {
  const path = freshPath()
  const database = openDatabase({ path, migrations, ...(withKey ? { key: withKey } : {}) })
  database.prepare(`INSERT INTO notes (text) VALUES ('kept')`).run()
  database.close()
  return path
}

databases('are brought from layout to layout with what is in them', () => {
  const path = written([first])
  const database = openDatabase({ path, migrations: [first, second] })
  assert.is(version(database), 2)
  assert.equal(notes(database), [{ text: 'kept', stars: 1 }])
  database.close()
  const again = openDatabase({ path, migrations: [first, second] })
  assert.equal(notes(again), [{ text: 'kept', stars: 1 }])
  again.close()
})

databases('are durable at every commit', () => {
  const database = openDatabase({ path: freshPath(), migrations: [first] })
  assert.is(database.pragma('journal_mode', { simple: true }), 'wal')
  assert.is(database.pragma('synchronous', { simple: true }), 2)
  const failing = () => {
    throw new Error('on purpose')
  }
  assert.throws(() => withoutWaitingForDisk(database, failing), 'on purpose')
  assert.is(database.pragma('synchronous', { simple: true }), 2, 'also after work that failed')
  database.close()
})

databases('keep the layout that they had when a migration fails half way', () => {
  const path = written([first])
  const broken = `${second}; CREATE TABLE more (text TEXT); INSERT INTO nowhere VALUES (1)`
  assert.is(
    codeOf(() => openDatabase({ path, migrations: [first, broken] })),
    'SQLITE_ERROR',
  )
  const database = openDatabase({ path, migrations: [first] })
  assert.is(version(database), 1)
  assert.equal(notes(database), [{ text: 'kept' }])
  assert.is(database.prepare(`SELECT count(*) FROM sqlite_master WHERE name = 'more'`).pluck().get(), 0)
  database.close()
})

databases('of a newer UNITED are refused and not touched', () => {
  for (const withKey of [undefined, key]) {
    const path = written([first, second], withKey)
    const before = readFileSync(path)
    const open = () => openDatabase({ path, migrations: [first], ...(withKey ? { key: withKey } : {}) })
    assert.is(codeOf(open), 'database-newer')
    assert.equal(readFileSync(path), before)
  }
})

databases('that are no databases are refused and not touched', () => {
  const path = freshPath()
  mkdirSync(join(path, '..'), { recursive: true })
  const junk = Buffer.alloc(8192, 'this is no database ')
  writeFileSync(path, junk)
  for (const options of [{}, { key }]) {
    assert.is(
      codeOf(() => openDatabase({ path, migrations: [first], ...options })),
      'database-unreadable',
    )
    assert.equal(readFileSync(path), junk)
  }
})

databases('that are folders are refused', () => {
  assert.is(
    codeOf(() => openDatabase({ path: folder.path, migrations: [first] })),
    'database-unreadable',
  )
})

databases('whose pages were damaged are refused, whichever page it is', () => {
  for (const offset of [0, 16, 100, 4096 - 40]) {
    const path = written([first], key)
    const bytes = readFileSync(path)
    bytes[offset] = (bytes[offset] ?? 0) ^ 0xff
    writeFileSync(path, bytes)
    assert.is(
      codeOf(() => openDatabase({ path, migrations: [first, second], key })),
      'database-unreadable',
      `byte ${offset}`,
    )
  }
})

databases('open under their own key and under no other, nor without one', () => {
  const path = written([first], key)
  for (const options of [{ key: new Uint8Array(32).fill(4) }, {}]) {
    assert.is(
      codeOf(() => openDatabase({ path, migrations: [first], ...options })),
      'database-unreadable',
    )
  }
  const database = openDatabase({ path, migrations: [first], key })
  assert.equal(notes(database), [{ text: 'kept' }])
  database.close()
})

databases('with a key hold nothing that can be read, the log beside them included', () => {
  const path = freshPath()
  const database = openDatabase({ path, migrations: [first], key })
  database.prepare('INSERT INTO notes (text) VALUES (?)').run('a secret that stands out')
  for (const file of [path, `${path}-wal`]) {
    const bytes = readFileSync(file)
    assert.not(bytes.includes('a secret that stands out'), file)
    assert.not(bytes.includes('CREATE TABLE'), file)
    assert.not(bytes.includes('SQLite format 3'), file)
  }
  assert.ok(readFileSync(`${path}-wal`).length > 0)
  database.close()
})

databases.after(() => folder.remove())
databases.run()
