import { join } from 'node:path'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { beside, figure, percentile, type Figure } from '../figures.ts'
import { BareInserts } from './log-file.ts'
import { inRounds, startLoad, startServer } from './programs.ts'

const bareMs = 1_000
/**
 * How many clients submit, how many messages each in a round, and how many each keeps under way: few where there are
 * many, so that what is measured is how long the server takes and not how long the queue before it is.
 */
const loads = [
  { clients: 1, each: 8_000, inFlight: 64 },
  { clients: 10, each: 2_000, inFlight: 16 },
  { clients: 200, each: 125, inFlight: 2 },
]

/** Clients that submit as fast as they are answered, beside the bare inserts, round by round. */
export async function sequencing(): Promise<Figure[]> {
  const folder = temporaryFolder()
  const bare = new BareInserts(join(folder.path, 'bare'))
  const { server, url } = await startServer(join(folder.path, 'server'))
  const load = startLoad()
  await load.ask(
    { do: 'connect', url, clients: Math.max(...loads.map(({ clients }) => clients)), together: false },
    'connected',
  )
  const bareRates: number[] = []
  const rates = loads.map((): number[] => [])
  const latencies = loads.map((): number[] => [])
  await inRounds(async (counts) => {
    const rate = bare.run(bareMs)
    if (counts) bareRates.push(rate)
    for (const [n, { clients, each, inFlight }] of loads.entries()) {
      await load.ask({ do: 'sign', clients, each }, 'signed')
      const { acknowledged, ackMs, p99Ms } = await load.ask({ do: 'submit', inFlight }, 'acknowledged')
      if (!counts) continue
      rates[n]?.push((acknowledged * 1000) / ackMs)
      latencies[n]?.push(p99Ms)
    }
  })
  load.end()
  await server.stop()
  bare.close()
  folder.remove()
  return loads.flatMap(({ clients }, n) => [
    beside(
      `sequenced_per_s_${clients}`,
      percentile(rates[n] ?? [], 0.5),
      'messages/s',
      percentile(bareRates, 0.5),
      'bare SQLite',
    ),
    figure(`ack_p99_ms_${clients}`, percentile(latencies[n] ?? [], 0.5), 'ms'),
  ])
}
