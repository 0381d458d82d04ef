import { join } from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { print, report, type Figure } from '../../bench/figures.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Client } from './client.ts'
import { MessageStorm } from './storm.ts'
import { judge, readStoredLog } from './verdict.ts'
import { StormyWorld } from './world.ts'

const names = ['alice', 'bob', 'carol']
/** Between two messages of one client, ms. */
const everyMs = 50
/** How long everything may take to settle after the storm, ms. */
const calmMs = 120_000

/**
 * Three desktops and a server, each a program of its own, under steady load; whole programs, single actors and links
 * fail as the seed says.
 * @returns whether nothing was lost, doubled, shown in two orders or left over
 */
export async function run(seconds: number, seed: number, json: boolean): Promise<boolean> {
  const random = seededRandom(seed)
  const folder = temporaryFolder()
  // Inherited by every program that is started from here on: by it they are found when they are left over.
  process.env['UNITED_STORM'] = folder.path
  const world = await StormyWorld.start(folder.path, names)
  const { clients } = world
  await Promise.all(clients.map((client) => client.start(true)))
  const channel = await meet(clients)
  const storm = new MessageStorm(world, random)
  const writing = new AbortController()
  const writers = clients.map((client) => write(client, writing.signal))
  storm.begin()
  await sleep(seconds * 1_000)
  writing.abort()
  await Promise.all(writers)
  await storm.end()

  const calmedAt = performance.now()
  const logs = await settled(clients, channel)
  const settledMs = performance.now() - calmedAt
  await world.stop()
  const stored = readStoredLog(join(world.serverFolder, 'sequencer.db'), channel)
  const verdict = judge(stored, logs)
  await sleep(1_000)
  const left = programsOf(folder.path)
  const shown = new Set(clients.flatMap((client) => [...client.shown]))
  const agreeing = logs.filter(({ comparison }) => comparison.server === 'agrees')

  const figures: Figure[] = [
    { name: 'sent', value: clients.reduce((sum, client) => sum + client.sent.length, 0), unit: 'messages' },
    { name: 'stored', value: stored.ids.length, unit: 'messages' },
    { name: 'shown', value: shown.size, unit: 'messages' },
    ...Object.entries({ ...verdict, orphans: left.length }).map(([name, value]) => ({
      ...{ name, value, unit: 'count' },
    })),
    { name: 'logs_agreeing', value: agreeing.length, unit: `of ${clients.length} desktops with the server` },
    { name: 'misfortunes', value: storm.struck.length, unit: 'count' },
    { name: 'settled_ms', value: Math.round(settledMs), unit: 'ms' },
  ]
  const result = {
    ...report('chaos messages', figures),
    ...{ seed, seconds, log_hash: stored.digest, misfortunes: counted(storm.struck) },
  }
  print(result)
  for (const { client } of logs)
    for (const what of client.contradictions.slice(0, 5)) console.log(client.name, what)
  if (left.length > 0) console.log('left over', left)
  if (json) console.log(JSON.stringify(result))
  folder.remove()
  const sent = clients.reduce((sum, client) => sum + client.sent.length, 0)
  return (
    Object.values(verdict).every((count) => count === 0) &&
    left.length === 0 &&
    sent === stored.ids.length &&
    sent === shown.size &&
    agreeing.length === clients.length
  )
}

async function meet([host, ...guests]: readonly Client[]): Promise<string> {
  if (!host) throw new Error('nobody to meet')
  const channel = await host.create()
  for (const guest of guests) await guest.join(channel)
  return channel
}

async function write(client: Client, signal: AbortSignal): Promise<void> {
  for (let n = 1; !signal.aborted; n++) {
    client.say(`${client.name} ${n}`)
    await sleep(everyMs)
  }
}

/** Until everybody has everything, or the time is over: then the verdict says what is missing. */
async function settled(clients: readonly Client[], channel: string) {
  const until = performance.now() + calmMs
  for (;;) {
    const reports = await Promise.all(
      clients.map(async (client) => ({ client, ...(await client.report(channel)) })),
    )
    const sent = clients.flatMap((client) => client.sent)
    const complete = reports.every(({ client, log, comparison }) => {
      const confirmed = new Set(log.flatMap(([id, seq]) => (seq === null ? [] : [id])))
      return client.settled && comparison.server === 'agrees' && sent.every((id) => confirmed.has(id))
    })
    if (complete) return reports
    if (performance.now() > until) {
      console.log(`not settled within ${calmMs / 1_000} s`)
      for (const { client, log, comparison, pending } of reports) {
        console.log(client.name, JSON.stringify({ messages: log.length, comparison }))
        for (const { text, state, refusal } of pending)
          console.log(`  ${text}: ${state}`, refusal?.code ?? '')
      }
      return reports
    }
    await sleep(500)
  }
}

/** Process ids of programs that were started from here and still run. */
function programsOf(mark: string): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return false
    try {
      return readFileSync(`/proc/${entry}/environ`, 'utf8').includes(`UNITED_STORM=${mark}`)
    } catch {
      // It ended while we looked, or is somebody else's.
      return false
    }
  })
}

function counted(struck: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const what of struck.toSorted()) counts[what] = (counts[what] ?? 0) + 1
  return counts
}
