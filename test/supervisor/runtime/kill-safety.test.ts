import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { authSpec, otherSpecs } from '../../../server/tree.ts'
import { accountChildren, earlyChildren } from '../../../supervisor/desktop-tree.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { reachedPackages } from './kill-safety/module-graph.ts'
import { sacrifice, type Outcome } from './kill-safety/outcome.ts'
import { damage } from './kill-safety/scratch-database.ts'
import { sentence, surprise, table, unsafeAddons, type Row } from './kill-safety/table.ts'

/*
 * What ending a busy thread does to its process depends on the native code in it. That decides which actors are
 * threads and which are processes: when a row below does not hold any more, so may their isolation.
 */

/** Two at a time, each in a process of its own. */
const lanes = [Promise.resolve(), Promise.resolve()]

function inTurn<T>(turn: number, run: () => Promise<T>): Promise<T> {
  const lane = turn % lanes.length
  const result = (lanes[lane] ?? Promise.resolve()).then(run)
  lanes[lane] = result.then(
    () => undefined,
    () => undefined,
  )
  return result
}

/** @returns what is wrong, if anything is */
async function carryOut(row: Row): Promise<string | undefined> {
  const folder = temporaryFolder()
  try {
    const sqlite = row.sqlite && { ...row.sqlite, path: join(folder.path, 'scratch.db') }
    const outcome: Outcome = await sacrifice(
      {
        thread: new URL(`./kill-safety/threads/${row.thread}.ts`, import.meta.url).href,
        kills: row.kills,
        ...(sqlite ? { workerData: sqlite } : {}),
        ...(row.heapMb === undefined ? {} : { heapMb: row.heapMb }),
      },
      folder.path,
    )
    const damages = sqlite ? damage(sqlite.path, sqlite.encrypted) : []
    if (damages.length > 0) return `the database is damaged: ${damages.join('; ')}`
    return surprise(row, outcome)
  } finally {
    folder.remove()
  }
}

for (const [turn, row] of table.entries()) {
  const settled = inTurn(turn, () => carryOut(row)).catch((error: unknown) => String(error))
  test(sentence(row), async () => {
    const wrong = await settled
    assert.ok(wrong === undefined, wrong)
  })
}
