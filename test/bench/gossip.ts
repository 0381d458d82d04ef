import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { linkContract } from '../../actors/link/contract.ts'
import { uuidv7 } from 'uuidv7'
import { startWorld, type Person } from '../support/world.ts'
import type { BareCommand, BareReport } from './bare-node.ts'
import { beside, percentile, report, type Report } from './figures.ts'

const rounds = 20
const perRound = 25
const gapMs = 5

/**
 * Two desktops and two bare nodes, each pair on a direct WebRTC connection through the same relay, take turns.
 * Ours is measured from the call of `chat.send` to the receiver's `message` event: written, signed, gossiped between
 * two processes, verified and stored. The bare one is measured from `publish` to the `message` event.
 */
export async function run(): Promise<Report> {
  const world = await startWorld({ serverProcess: true })
  const alice = await world.join('alice')
  const bob = await world.join('bob')
  const channel = await world.meet([alice, bob])
  const welcome = await alice.desktop.supervisor.ref(linkContract).call.snapshot()
  const relay = welcome?.relays[0]
  if (relay === undefined) throw new Error('the relay does not listen')
  const bare = await barePair(relay)

  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    // The first round warms up both.
    const keep = round > 0
    for (let n = 0; n < perRound; n++) {
      const took = await oneMessage(alice, bob, channel.id)
      if (keep) ours.push(took)
      await sleep(gapMs)
    }
    for (let n = 0; n < perRound; n++) {
      const took = await bare.oneMessage()
      if (keep) theirs.push(took)
      await sleep(gapMs)
    }
  }
  bare.stop()
  await world.stop()
  return report('gossip', [
    beside('deliver_p50_ms', percentile(ours, 0.5), 'ms', percentile(theirs, 0.5), 'bare gossipsub'),
    beside('deliver_p99_ms', percentile(ours, 0.99), 'ms', percentile(theirs, 0.99), 'bare gossipsub'),
  ])
}

async function oneMessage(from: Person, to: Person, channel: string): Promise<number> {
  const id = uuidv7()
  const { promise, resolve } = Promise.withResolvers<number>()
  const stop = to.chat.on('message', (view) => {
    if (view.id === id) resolve(performance.now())
  })
  const start = performance.now()
  await from.chat.call.send({ id, channel, text: 'how long does this take?' })
  const end = await promise
  stop()
  return end - start
}

async function barePair(relay: string): Promise<{ oneMessage(): Promise<number>; stop(): void }> {
  const topic = '/bench/bare'
  const [a, b] = [await bareNode(), await bareNode()]
  for (const node of [a, b]) await asked(node, { do: 'reach', relay }, 'address')
  const { address } = await asked(b, { do: 'reach', relay }, 'address')
  await asked(a, { do: 'dial', address }, 'dialled')
  for (const node of [a, b]) await asked(node, { do: 'follow', topic }, 'following')
  await sleep(2_500)
  return {
    async oneMessage() {
      const heard = answer(b, 'tookNs')
      a.send({ do: 'publish', topic } satisfies BareCommand)
      return Number((await heard).tookNs) / 1e6
    },
    stop() {
      for (const node of [a, b]) node.kill()
    },
  }
}

async function bareNode(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./bare-node.ts', import.meta.url)), { serialization: 'advanced' })
  await once(child, 'message')
  return child
}

type Answer<K extends string> = Extract<BareReport, Record<K, unknown>>

function asked<K extends string>(node: ChildProcess, command: BareCommand, key: K): Promise<Answer<K>> {
  const answered = answer(node, key)
  node.send(command)
  return answered
}

function answer<K extends string>(node: ChildProcess, key: K): Promise<Answer<K>> {
  return new Promise((resolve) => {
    const listener = (message: BareReport) => {
      if (!(key in message)) return
      node.off('message', listener)
      resolve(message as Answer<K>)
    }
    node.on('message', listener)
  })
}
