import { setTimeout as sleep } from 'node:timers/promises'
import { localServer } from '../../supervisor/server-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import type { BareCommand, BareReport } from './bare-node.ts'
import type { DesktopCommand, DesktopReport } from './desktop-program.ts'
import { beside, percentile, report, type Report } from './figures.ts'
import { Program } from './program.ts'

const warmUpRounds = 4
const rounds = 20
const perRound = 25
const gapMs = 5

interface Pair {
  /** From the sender's call to the receiver's event, ms. */
  oneMessage(): Promise<number>
  stop(): Promise<void>
}

/**
 * Two desktops and two bare nodes, each in a process of its own and each pair on a direct WebRTC connection through
 * the same relay, take turns. Ours goes from the call of `chat.send` to the receiver's `message` event: written,
 * signed, gossiped, verified and stored. The bare one goes from `publish` to gossipsub's `message` event.
 */
export async function run(): Promise<Report> {
  const folder = temporaryFolder()
  const server = await localServer(0, folder.path)
  const { pair: united, relay } = await desktops(server.url, folder.path)
  const bare = await bareNodes(relay)

  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const [pair, samples] of [
      [united, ours],
      [bare, theirs],
    ] as const) {
      for (let n = 0; n < perRound; n++) {
        const took = await pair.oneMessage()
        if (round >= warmUpRounds) samples.push(took)
        await sleep(gapMs)
      }
    }
  }
  await bare.stop()
  await united.stop()
  await server.stop()
  folder.remove()
  return report('gossip', [
    beside('deliver_p50_ms', percentile(ours, 0.5), 'ms', percentile(theirs, 0.5), 'bare gossipsub'),
    beside('deliver_p99_ms', percentile(ours, 0.99), 'ms', percentile(theirs, 0.99), 'bare gossipsub'),
  ])
}

async function desktops(server: string, dataFolder: string): Promise<{ pair: Pair; relay: string }> {
  const start = (name: string) =>
    new Program<DesktopCommand, DesktopReport>(new URL('./desktop-program.ts', import.meta.url), [
      server,
      dataFolder,
      name,
    ])
  const alice = start('alice')
  const { relay } = await alice.next('relay')
  const bob = start('bob')
  await bob.next('relay')
  const { channel } = await alice.ask({ do: 'create' }, 'channel')
  await bob.ask({ do: 'join', channel }, 'joined')
  return {
    relay,
    pair: {
      async oneMessage() {
        const shown = bob.next('shown')
        const { atNs: from } = await alice.ask({ do: 'say', channel }, 'said')
        const { atNs: to } = await shown
        return Number(to - from) / 1e6
      },
      async stop() {
        for (const desktop of [alice, bob]) {
          await desktop.ask({ do: 'stop' }, 'stopped')
          desktop.end()
        }
      },
    },
  }
}

async function bareNodes(relay: string): Promise<Pair> {
  const topic = '/bench/bare'
  const start = async () => {
    const node = new Program<BareCommand, BareReport>(new URL('./bare-node.ts', import.meta.url))
    await node.next('peer')
    return { node, address: (await node.ask({ do: 'reach', relay }, 'address')).address }
  }
  const [a, b] = [await start(), await start()]
  await a.node.ask({ do: 'dial', address: b.address }, 'dialled')
  for (const { node } of [a, b]) await node.ask({ do: 'follow', topic }, 'following')
  // Until the mesh has formed: gossipsub's heartbeat is 1 s.
  await sleep(2_500)
  return {
    async oneMessage() {
      const { tookNs } = await heard(a.node, b.node, topic)
      return Number(tookNs) / 1e6
    },
    async stop() {
      for (const { node } of [a, b]) node.end()
    },
  }
}

function heard(a: Program<BareCommand, BareReport>, b: Program<BareCommand, BareReport>, topic: string) {
  const report = b.next('tookNs')
  a.tell({ do: 'publish', topic })
  return report
}
