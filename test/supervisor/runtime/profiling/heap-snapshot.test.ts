import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeHeapSnapshot } from '../../../../supervisor/runtime/profiling/heap-snapshot.ts'
import { rejection } from '../../../support/rejection.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const entry = new URL('./fixtures/self-snapshot.ts', import.meta.url)

for (const isolation of ['thread', 'process'] as const) {
  test(`a ${isolation} writes its own heap, whole, for its owner's eyes alone`, async () => {
    const folder = temporaryFolder()
    const path = join(folder.path, 'snapshots', 'actor.heapsnapshot')
    const isolate = isolation === 'thread' ? new Worker(entry, { workerData: path }) : fork(entry, [path])
    const [told] = (await once(isolate, 'message')) as [{ path: string }]
    assert.is(told.path, path)
    assert.equal(readdirSync(join(folder.path, 'snapshots')), ['actor.heapsnapshot'])
    if (process.platform !== 'win32') assert.is(statSync(path).mode & 0o777, 0o600)

    const { snapshot, nodes, strings } = JSON.parse(readFileSync(path, 'utf8')) as {
      snapshot: { node_count: number; meta: { node_fields: string[] } }
      nodes: number[]
      strings: string[]
    }
    assert.is(nodes.length, snapshot.node_count * snapshot.meta.node_fields.length)
    assert.ok(strings.includes('HeldByTheTest'))
    folder.remove()
  })
}

test('a snapshot that cannot be written is refused, and leaves nothing behind', async () => {
  const folder = temporaryFolder()
  const file = join(folder.path, 'a-file')
  writeFileSync(file, '')
  await rejection(writeHeapSnapshot(join(file, 'actor.heapsnapshot')))
  assert.equal(readdirSync(folder.path), ['a-file'])
  folder.remove()
})

test.run()
