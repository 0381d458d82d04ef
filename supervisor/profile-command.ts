import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { ActorView, DeliveryTime } from '../shared/bridge.ts'
import { UnitedError, errorMessage } from '../shared/errors.ts'
import type { HotSpot, ProfileReport } from './profile-files.ts'
import { runningTrees, tell, treesIn, type Tree } from './running-trees.ts'

const usage = `Where the actors of a running desktop and its server spend their time.

  npm run profile                      profiles all of them for 10 s, prints a table and writes files
  npm run profile -- --seconds 30
  npm run profile -- --prometheus      what they measure all the time, as Prometheus text

  --seconds N       how long (default 10)
  --heap            also a heap snapshot of each; it stands still meanwhile
  --out FOLDER      where the files go (default ./profiles)
  --profile NAME    whose desktop (default "default")
  --data FOLDER     where UNITED keeps its data (default ./data)
  --json            the report as JSON

Open a .cpuprofile, or all-actors.trace.json, in Chrome DevTools (Performance) or in speedscope.
`

/** How much longer than the profile itself an answer may take, ms: a snapshot of a large heap takes its time. */
const patienceMs = 60_000

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '10' },
      heap: { type: 'boolean', default: false },
      out: { type: 'string', default: 'profiles' },
      profile: { type: 'string', default: 'default' },
      data: { type: 'string', default: 'data' },
      prometheus: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(usage)
  const trees = treesIn(values.data, values.profile)
  if (values.prometheus) return metrics(trees)
  const seconds = Number(values.seconds)
  if (!(seconds >= 0.1 && seconds <= 600))
    throw new UnitedError('usage', '--seconds takes a number from 0.1 to 600')
  const folder = resolve(values.out, new Date().toISOString().replaceAll(':', '-').slice(0, 19))
  await profile(trees, { seconds, folder, heap: values.heap, json: values.json })
}

async function profile(
  trees: readonly Tree[],
  { seconds, folder, heap, json }: { seconds: number; folder: string; heap: boolean; json: boolean },
): Promise<void> {
  const running = await runningTrees(trees)
  if (!json)
    console.log(`Profiling ${running.map(({ tree }) => tree.title).join(' and ')} for ${seconds} s ...`)
  const reports = await Promise.all(
    running.map(async ({ tree }) => {
      // The samples in the middle of the time are those of the time.
      const [report, actors] = await Promise.all([
        profileOf(tree, seconds, folder, heap),
        viewsOf(tree, seconds),
      ])
      return { title: tree.title, report, actors, delivery: await deliveryOf(tree) }
    }),
  )
  if (json) return console.log(JSON.stringify(reports))
  for (const { title, report, actors, delivery } of reports) {
    console.log(`\n${title}`)
    table(actors, new Map(report.busy.map(({ actor, share }) => [actor, share])))
    hotSpots(report.hotSpots)
    deliveries(delivery)
    console.log(`  ${report.files.length} files in ${join(folder, shortOf(title))}`)
  }
}

async function profileOf(tree: Tree, seconds: number, folder: string, heap: boolean): Promise<ProfileReport> {
  const answer = await tell(
    tree,
    { command: 'profile', seconds, folder: join(folder, shortOf(tree.title)), heap },
    seconds * 1_000 + patienceMs,
  )
  if (!answer || !('profile' in answer)) throw new UnitedError('gone', `The ${tree.title} went away.`)
  return answer.profile
}

async function viewsOf(tree: Tree, seconds: number): Promise<ActorView[]> {
  await sleep(seconds * 1_000)
  const answer = await tell(tree, { command: 'list' })
  return answer && 'actors' in answer ? answer.actors : []
}

async function deliveryOf(tree: Tree): Promise<DeliveryTime[]> {
  const answer = await tell(tree, { command: 'delivery' })
  return answer && 'delivery' in answer ? answer.delivery : []
}

/** `desktop (profile bob)` is `desktop` in names of folders. */
function shortOf(title: string): string {
  return title.split(' ')[0] ?? title
}

type Cell = (actor: ActorView, busy: ReadonlyMap<string, number>) => string

const columns: readonly [title: string, width: number, cell: Cell][] = [
  ['CPU %', 7, ({ vitals }) => (vitals ? vitals.cpuPercent.toFixed(1) : '-')],
  ['busy %', 7, ({ name }, busy) => (busy.has(name) ? (100 * (busy.get(name) ?? 0)).toFixed(1) : '-')],
  ['late ms', 8, ({ vitals }) => (vitals ? vitals.delayMaxMs.toFixed(1) : '-')],
  ['heap MB', 8, ({ vitals }) => (vitals ? megabytes(vitals.heapBytes) : '-')],
  ['RSS MB', 8, ({ vitals }) => (vitals?.residentBytes == null ? '-' : megabytes(vitals.residentBytes))],
  ['mailbox', 8, ({ vitals }) => (vitals ? `${vitals.mailbox.depth}/${vitals.mailbox.deepest}` : '-')],
  ['calls', 8, ({ vitals }) => (vitals ? String(vitals.calls) : '-')],
  ['errors', 7, ({ vitals }) => (vitals ? String(vitals.errors) : '-')],
  ['p50 us', 8, ({ vitals }) => (vitals ? String(vitals.latencyUs.p50) : '-')],
  ['p99 us', 8, ({ vitals }) => (vitals ? String(vitals.latencyUs.p99) : '-')],
  ['restarts', 9, ({ restarts }) => String(restarts)],
]

function table(actors: readonly ActorView[], busy: ReadonlyMap<string, number>): void {
  console.log(`  ${'actor'.padEnd(16)}${columns.map(([title, width]) => title.padStart(width)).join('')}`)
  for (const actor of actors) {
    if (actor.kind === 'supervisor') continue
    const cells = columns.map(([, width, cell]) => cell(actor, busy).padStart(width))
    console.log(`  ${actor.name.padEnd(16)}${cells.join('')}`)
    for (const thread of actor.vitals?.threads ?? []) {
      const figures = [thread.cpuPercent.toFixed(1).padStart(7), megabytes(thread.heapBytes).padStart(23)]
      console.log(`    ${thread.name.padEnd(14)}${figures.join('')}`)
    }
  }
}

function hotSpots(spots: readonly HotSpot[]): void {
  console.log('\n  hottest functions, ms in the function itself')
  for (const { actor, function: name, place, ms } of spots)
    console.log(`    ${actor.padEnd(14)} ${ms.toFixed(1).padStart(8)}  ${name} ${place}`.trimEnd())
}

function deliveries(times: readonly DeliveryTime[]): void {
  if (times.length === 0) return
  console.log('\n  the last messages, ms by this device\u2019s clock')
  for (const { from, to, count, p50Ms, p99Ms } of times) {
    const figures = `p50 ${p50Ms.toFixed(0).padStart(6)}   p99 ${p99Ms.toFixed(0).padStart(6)}`
    console.log(`    ${`${from} to ${to}`.padEnd(24)} ${figures}   ${count} messages`)
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}

async function metrics(trees: readonly Tree[]): Promise<void> {
  for (const { tree } of await runningTrees(trees)) {
    const answer = await tell(tree, { command: 'metrics' })
    if (answer && 'metrics' in answer) console.log(`# ${tree.title}\n${answer.metrics}`)
  }
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  console.error(errorMessage(error))
  process.exitCode = 1
}
