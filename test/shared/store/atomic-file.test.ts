import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeFileAtomically } from '../../../shared/store/atomic-file.ts'
import { rejection } from '../../support/rejection.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const files = suite('files written atomically')
const folder = temporaryFolder()

files('have the new bytes, and their owner alone may read them', async () => {
  const path = join(folder.path, 'deep', 'er', 'file')
  await writeFileAtomically(path, Buffer.from('old'))
  await writeFileAtomically(path, Buffer.from('new'))
  assert.is(readFileSync(path, 'utf8'), 'new')
  if (process.platform !== 'win32') assert.is(statSync(path).mode & 0o777, 0o600)
  assert.equal(readdirSync(join(path, '..')), ['file'])
})

files('are seen whole by whoever reads while they are written', async () => {
  const path = join(folder.path, 'read while written')
  const versions = ['a', 'b', 'c'].map((letter) => letter.repeat(300_000))
  await writeFileAtomically(path, Buffer.from(versions[0] ?? ''))
  let writing = true
  const writer = (async () => {
    for (let round = 0; round < 30; round++)
      await writeFileAtomically(path, Buffer.from(versions[round % 3] ?? ''))
    writing = false
  })()
  while (writing) {
    assert.ok(versions.includes(readFileSync(path, 'utf8')))
    await new Promise(setImmediate)
  }
  await writer
})

files('written by several at once have the bytes of one of them', async () => {
  const path = join(folder.path, 'several')
  const versions = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(10_000))
  await Promise.all(versions.map((text) => writeFileAtomically(path, Buffer.from(text))))
  assert.ok(versions.includes(readFileSync(path, 'utf8')))
})

files('that cannot be written leave what was there, and nothing beside it', async () => {
  const path = join(folder.path, 'a folder', 'in the way')
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'old'), 'old')
  await rejection(writeFileAtomically(path, Buffer.from('new')))
  assert.is(readFileSync(join(path, 'old'), 'utf8'), 'old')
  assert.equal(readdirSync(join(folder.path, 'a folder')), ['in the way'])
  const below = join(folder.path, 'several', 'a file is no folder')
  await rejection(writeFileAtomically(below, Buffer.from('new')))
})

files.after(() => folder.remove())
files.run()
