import { setTimeout as sleep } from 'node:timers/promises'
import { linkContract } from '../../../actors/link/contract.ts'
import { percentile, print, report, type Figure } from '../../bench/figures.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { startWorld, type Person } from '../../support/world.ts'
import { held, orphans } from '../orphans.ts'
import { supervision } from '../supervision.ts'
import { Writer } from './load.ts'
import { Recoveries } from './recoveries.ts'
import { Storm, type Place } from './storm.ts'
import { isComplete, judge } from './verdict.ts'

/** How long everything may take to settle after the storm, ms. */
const calmMs = 90_000

/**
 * Two desktops and a server in this process under steady load, and faults of all kinds on random actors.
 * @returns whether nothing was lost, doubled, shown in another order or left over
 */
export async function run(seconds: number, seed: number, json: boolean): Promise<boolean> {
  const random = seededRandom(seed)
  const before = held()
  const world = await startWorld({ supervision })
  const people = [await world.join('alice'), await world.join('bob')] as const
  const channel = (await world.meet(people)).id
  if (!world.server) throw new Error('the server runs in this process')
  const places: Place[] = [
    { name: 'server', supervisor: world.server },
    { name: 'alice', supervisor: people[0].desktop.supervisor },
    { name: 'bob', supervisor: people[1].desktop.supervisor },
  ]
  const recoveries = new Recoveries(places)
  const writers = people.map((person, place) => new Writer(place === 0 ? 'alice' : 'bob', person, channel))
  const storm = new Storm(places, random)
  for (const writer of writers) writer.begin()
  storm.begin()
  await sleep(seconds * 1_000)
  await storm.end()
  const calmedAt = performance.now()
  await Promise.all(writers.map((writer) => writer.end()))
  const sent = writers.flatMap((writer) => writer.sent)
  await settled(people, channel, sent)
  const settledMs = performance.now() - calmedAt
  const verdict = judge(await Promise.all(people.map((person) => person.log(channel))), sent)
  await world.stop()
  // Ports that were closed are gone one turn later.
  await sleep(500)
  const left = held()
  const orphaned = orphans(before, left)

  const figures: Figure[] = [
    { name: 'sent', value: sent.length, unit: 'messages' },
    ...Object.entries({ ...verdict, orphans: orphaned }).map(([name, value]) => ({
      name,
      value,
      unit: 'count',
    })),
    { name: 'faults', value: storm.struck.length, unit: 'count' },
    { name: 'restarts', value: recoveries.all.length, unit: 'count' },
    { name: 'recovery_p50_ms', value: percentile(recoveries.all, 0.5), unit: 'ms' },
    { name: 'recovery_p99_ms', value: percentile(recoveries.all, 0.99), unit: 'ms' },
    { name: 'settled_ms', value: settledMs, unit: 'ms' },
  ].map((figure) => ({ ...figure, value: Number(figure.value.toPrecision(4)) }))
  const result = {
    ...report('chaos', figures),
    seed,
    seconds,
    faults_by_kind: counted(storm.struck.map(({ fault }) => fault)),
    faults_by_actor: counted(storm.struck.map(({ actor }) => actor)),
    restarts_by_actor: recoveries.byActor,
  }
  print(result)
  if (orphaned > 0) console.log('left over', JSON.stringify({ before, left }))
  if (json) console.log(JSON.stringify(result))
  return Object.values(verdict).every((count) => count === 0) && orphaned === 0
}

/** Until everybody has everything, or the time is over: then the verdict says what is missing. */
async function settled(people: readonly Person[], channel: string, sent: readonly string[]): Promise<void> {
  const until = performance.now() + calmMs
  while (performance.now() < until) {
    const logs = await Promise.all(people.map((person) => person.log(channel)))
    if (logs.every((log) => isComplete(log, sent))) return
    await sleep(100)
  }
  console.log(`not settled within ${calmMs / 1_000} s`)
  for (const person of people) {
    const view = (await person.chat.call.channels()).find(({ id }) => id === channel)
    const link = await person.desktop.supervisor.ref(linkContract).call.state()
    console.log(JSON.stringify({ held: view?.held, head: view?.head, pending: view?.pending, link }))
  }
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
