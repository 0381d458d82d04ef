import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { authSpec, otherSpecs, type TreeInit } from '../../../server/tree.ts'
import { accountSupervisor, earlyChildren } from '../../../supervisor/desktop-tree.ts'
import type { ChildSpec, Spec } from '../../../supervisor/runtime/index.ts'
import type { SignedIn } from '../../../supervisor/session.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { reachedPackages, type Route } from './kill-safety/module-graph.ts'
import { sacrifice } from './kill-safety/outcome.ts'
import { damage } from './kill-safety/scratch-database.ts'
import { sentence, surprise, table, unsafeAddons, type Row } from './kill-safety/table.ts'

/*
 * What ending a busy thread does to its process depends on the native code in it, and that decides which actors may be
 * threads. When a row of the table does not hold any more, neither may the isolation of the actors that it is about.
 */

/** Carries out a row in a process of its own. @returns what is wrong, if anything is */
async function carryOut(row: Row): Promise<string | undefined> {
  const folder = temporaryFolder()
  try {
    const sqlite = row.sqlite && { ...row.sqlite, path: join(folder.path, 'scratch.db') }
    const outcome = await sacrifice(
      {
        thread: new URL(`./kill-safety/threads/${row.thread}.ts`, import.meta.url).href,
        kills: row.kills,
        ...(sqlite ? { workerData: sqlite } : {}),
        ...(row.heapMb === undefined ? {} : { heapMb: row.heapMb }),
      },
      folder.path,
    )
    const damages = sqlite ? damage(sqlite.path, sqlite.encrypted) : []
    return damages.length > 0 ? `the database is damaged: ${damages.join('; ')}` : surprise(row, outcome)
  } catch (error) {
    return String(error)
  } finally {
    folder.remove()
  }
}

/** Rows are carried out two at a time, from the start on; each of their tests waits for its own. */
const lanes = [Promise.resolve<unknown>(undefined), Promise.resolve<unknown>(undefined)]

for (const [turn, row] of table.entries()) {
  const lane = turn % lanes.length
  const result = Promise.resolve(lanes[lane]).then(() => carryOut(row))
  lanes[lane] = result
  test(sentence(row), async () => {
    const wrong = await result
    assert.ok(wrong === undefined, wrong)
  })
}

/** All that the real trees start. Only names, entries and isolations are looked at. */
const nobody: SignedIn = {
  account: { id: 'nobody', name: 'nobody' },
  publicKey: new Uint8Array(),
  serverId: '',
  resume: new Uint8Array(),
  link: { refreshToken: '' },
}
const nowhere: TreeInit = { dataFolder: '', host: '', accessTokenMs: 0, refreshTokenMs: 0 }
const specs: readonly Spec[] = [
  ...earlyChildren({
    profileFolder: '',
    server: '',
    sessionKey: new Uint8Array(),
    session: () => undefined,
  }),
  accountSupervisor('', nobody, true),
  authSpec(nowhere),
  ...otherSpecs(nowhere, { server: '', port: 0, anotherPort: false }),
]

/** The actors among them and below them. */
const actorsOf = (specs: readonly Spec[]): ChildSpec[] =>
  specs.flatMap((spec) => ('children' in spec ? actorsOf(spec.children) : [spec]))

interface Load {
  actor: string
  isolation: 'thread' | 'process'
  addon: string
  route: Route
}

/** Which actor can load which of the unsafe addons. */
const unsafeLoads = (): Load[] =>
  actorsOf(specs).flatMap(({ contract, entry, isolation = 'thread' }) =>
    [...reachedPackages(entry)].flatMap(([addon, route]) =>
      unsafeAddons.has(addon) ? [{ actor: contract.name, isolation, addon, route }] : [],
    ),
  )

test('no actor that can load an addon that is unsafe to end is a thread', () => {
  const wrong = unsafeLoads()
    .filter(({ isolation }) => isolation === 'thread')
    .map(
      ({ actor, addon, route }) =>
        `${actor} must be a process, since it loads ${addon}: ${route.join(' → ')}`,
    )
  assert.ok(wrong.length === 0, wrong.join('\n'))
})

test('each addon that is unsafe to end is loaded by some actor, or it need not be watched', () => {
  const loaded = new Set(unsafeLoads().map(({ addon }) => addon))
  assert.equal(
    [...unsafeAddons].filter((addon) => !loaded.has(addon)),
    [],
  )
})

test.run()
