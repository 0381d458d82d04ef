import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Supervisor, type ActorDown } from '../../../../supervisor/runtime/index.ts'
import { seededRandom as randomOf } from '../../../../supervisor/runtime/faults/random.ts'
import { eventually } from '../../../support/eventually.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { isolations } from '../fixtures/start.ts'
import { Executioner } from './fixtures/executioner.ts'

const deathsWanted = { thread: 950, process: 50 }
/** On a machine that is too slow for all of them, fewer have to do. */
const budgetMs = 28_000
/** At once, and this many restarts are no reason to wait. */
const backoff = { firstMs: 1, maxMs: 1, calmMs: 1 }

/** How often each call was carried out, per life of its actor. */
function executions(path: string): Map<number, Map<number, number>> {
  const calls = new Map<number, Map<number, number>>()
  if (!existsSync(path)) return calls
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const [id = 0, life = 0] = line.split(' ').map(Number)
    const lives = calls.get(id) ?? new Map<number, number>()
    calls.set(id, lives.set(life, (lives.get(life) ?? 0) + 1))
  }
  return calls
}

function tally<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

test('a call is never left unsettled nor carried out twice, wherever in its life its actor is killed', async () => {
  const { seed } = seededRandom()
  const folder = temporaryFolder()
  const executioners = [...Array(6).keys()].map(
    (n) =>
      new Executioner({
        name: `victim ${n}`,
        folder: folder.path,
        isolation: n === 0 ? 'process' : 'thread',
        random: randomOf(seed + n),
      }),
  )
  const supervisor = new Supervisor({ backoff, sampling: false })
  supervisor.setMaxListeners(executioners.length + 2)
  const deaths = { thread: 0, process: 0 }
  const late: string[] = []
  const wrong: string[] = []
  supervisor.on('death', ({ name, incarnation, isolation }) => {
    deaths[isolation ?? 'thread']++
    const victim = executioners.find(({ contract }) => contract.name === name)
    if (!victim || !supervisor.ref(victim.contract).up) return
    const inFlight = victim.ledger.unsettled.filter(({ method }) => method !== 'workAgain')
    setImmediate(() => {
      for (const { id, method, outcome, error } of inFlight) {
        const call = `${name}.${method}(${id}) in life ${incarnation}`
        if (outcome === undefined) late.push(call)
        else if (outcome !== 'actor-down' || error?.actor !== name || error.incarnation !== incarnation)
          wrong.push(`${call}: ${outcome} ${String(error)}`)
      }
    })
  })

  await supervisor.start(executioners.map(({ spec }) => spec))
  const end = performance.now() + budgetMs
  await Promise.all(
    executioners.map((executioner, n) => {
      const isolation = n === 0 ? 'process' : 'thread'
      return executioner.run(
        supervisor,
        () => deaths[isolation] < deathsWanted[isolation] && performance.now() < end,
      )
    }),
  )
  const idempotent = executioners
    .flatMap(({ ledger }) => ledger.calls)
    .filter((call) => call.method === 'workAgain')
  await Promise.all(idempotent.map(({ settled }) => settled))
  await supervisor.stop()

  const calls = executioners.flatMap(({ ledger }) => ledger.calls)
  const unsettled = executioners.flatMap(({ ledger }) => ledger.unsettled)
  console.log('deaths:', deaths, 'killed while:', tally(executioners.flatMap(({ kills }) => kills)))
  console.log('calls:', calls.length, tally(calls.map(({ method, outcome }) => `${method}: ${outcome}`)))
  assert.equal(unsettled, [])
  assert.equal(late, [], 'settled in the turn of their actor’s death')
  assert.equal(wrong, [], 'rejected with the name and life of the actor')
  assert.ok(idempotent.every(({ outcome }) => outcome === 'reply'))

  for (const { path, ledger } of executioners) {
    const carriedOut = executions(path)
    for (const { id, method, outcome } of ledger.calls) {
      const lives = [...(carriedOut.get(id)?.values() ?? [])]
      if (method === 'workAgain') assert.ok(lives.every((times) => times === 1) && lives.length > 0)
      else if (outcome === 'reply') assert.equal(lives, [1])
      else assert.ok(lives.length === 0 || (lives.length === 1 && lives[0] === 1))
    }
  }
  folder.remove()
})

for (const isolation of isolations) {
  test(`an idempotent call is sent again once per death of its ${isolation}, no other is`, async () => {
    const folder = temporaryFolder()
    const victim = new Executioner({ name: 'victim', folder: folder.path, isolation, random: Math.random })
    const supervisor = new Supervisor({ backoff })
    await supervisor.start([victim.spec])
    const ref = supervisor.ref(victim.contract)
    const forever = 3_600_000
    const again = ref.call.workAgain(1, forever)
    const outcome = again.then(
      () => 'reply',
      (error: unknown) => (error as ActorDown).code,
    )
    for (let life = 1; life <= 5; life++) {
      await eventually('it is carried out', () => executions(victim.path).get(1)?.has(life) === true)
      const onlyOnce = ref.call.work(10 + life, forever).catch(() => undefined)
      const died = once(supervisor, 'death')
      supervisor.kill('victim')
      await died
      await onlyOnce
    }
    await eventually('it is carried out again', () => executions(victim.path).get(1)?.has(6) === true)
    await supervisor.stop()
    assert.is(await outcome, 'actor-down')
    assert.equal(
      [...(executions(victim.path).get(1) ?? [])],
      [1, 2, 3, 4, 5, 6].map((life) => [life, 1]),
    )
    folder.remove()
  })
}

test.run()
