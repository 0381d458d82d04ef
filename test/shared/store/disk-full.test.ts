import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { errorCode } from '../../../shared/errors.ts'
import { writeFileAtomically } from '../../../shared/store/atomic-file.ts'
import { openDatabase } from '../../../shared/store/database.ts'
import { isDiskFull } from '../../../shared/store/errors.ts'
import { rejection } from '../../support/rejection.ts'
import { tinyDisk } from '../../support/tiny-disk.ts'

const megabyte = 1024 * 1024

test('a file that does not fit leaves the old one whole and no part of the new one', async () => {
  const disk = tinyDisk(megabyte)
  if (!disk) return
  const path = join(disk.path, 'file')
  await writeFileAtomically(path, Buffer.from('old'))
  disk.fill()
  const error = await rejection(writeFileAtomically(path, Buffer.alloc(100_000, 'new')))
  assert.ok(isDiskFull(error), errorCode(error))
  assert.is(readFileSync(path, 'utf8'), 'old')
  assert.equal(readdirSync(disk.path).toSorted(), ['ballast', 'file'])
  disk.free()
  await writeFileAtomically(path, Buffer.from('new'))
  assert.is(readFileSync(path, 'utf8'), 'new')
  disk.remove()
})

test('a database for which there is no room says so, and opens when there is', () => {
  const disk = tinyDisk(megabyte)
  if (!disk) return
  const path = join(disk.path, 'some.db')
  const open = () =>
    openDatabase({ path, key: new Uint8Array(32), migrations: ['CREATE TABLE notes (text TEXT) STRICT'] })
  disk.fill()
  assert.throws(open, (error: unknown) => errorCode(error) === 'disk-full')
  disk.free()
  const database = open()
  database.prepare(`INSERT INTO notes VALUES ('kept')`).run()
  database.close()
  disk.fill()
  // A database that is there already needs room for its log.
  assert.throws(open, (error: unknown) => errorCode(error) === 'disk-full')
  disk.free()
  const again = open()
  assert.equal(again.prepare('SELECT * FROM notes').all(), [{ text: 'kept' }])
  again.close()
  disk.remove()
})

test.run()
