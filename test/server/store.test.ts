import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openStore } from '../../server/store/store.ts'
import { errorCode } from '../../shared/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const migrations = ['CREATE TABLE notes (text TEXT NOT NULL) STRICT']

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return errorCode(error)
  }
  return undefined
}

test('a full disk is told in words, nothing of the transaction stays, and it goes on when there is room', () => {
  const folder = temporaryFolder()
  const store = openStore({ path: join(folder.path, 'notes.db'), migrations })
  const write = (count: number) =>
    store.write((database) => {
      const insert = database.prepare<[string]>('INSERT INTO notes (text) VALUES (?)')
      for (let n = 0; n < count; n++) insert.run('x'.repeat(2_000))
    })
  const count = () => store.read((database) => database.prepare('SELECT count(*) FROM notes').pluck().get())

  write(1)
  store.read((database) => database.pragma('max_page_count = 10'))
  assert.is(
    codeOf(() => write(100)),
    'disk-full',
  )
  assert.is(count(), 1)
  store.read((database) => database.pragma('max_page_count = 10000'))
  write(100)
  assert.is(count(), 101)
  store.close()
  folder.remove()
})

test('a transaction whose work throws leaves nothing, and the error is the one that was thrown', () => {
  const folder = temporaryFolder()
  const store = openStore({ path: join(folder.path, 'notes.db'), migrations })
  const mine = new Error('mine')
  try {
    store.write((database) => {
      database.exec(`INSERT INTO notes (text) VALUES ('half')`)
      throw mine
    })
    assert.unreachable()
  } catch (error) {
    assert.is(error, mine)
  }
  assert.equal(
    store.read((database) => database.prepare('SELECT * FROM notes').all()),
    [],
  )
  store.close()
  folder.remove()
})

test.run()
