import { temporaryFolder } from '../../support/temporary-folder.ts'
import { figure, percentile, type Figure } from '../figures.ts'
import { inRounds, startLoad, startServer } from './programs.ts'

const audience = 200

/** Everybody in one channel: ten of them talk as fast as they can; then they take turns at a steady pace. */
export async function fanOut(): Promise<Figure[]> {
  const folder = temporaryFolder()
  const { server, url } = await startServer(folder.path)
  const load = startLoad()
  await load.ask({ do: 'connect', url, clients: audience, together: true }, 'connected')
  const rates: number[] = []
  const latencies: number[] = []
  await inRounds(async (counts) => {
    await load.ask({ do: 'sign', clients: 10, each: 200 }, 'signed')
    const { delivered, deliveredMs } = await load.ask({ do: 'submit', inFlight: 16 }, 'acknowledged')
    await load.ask({ do: 'sign', clients: audience, each: 1 }, 'signed')
    const { p99Ms } = await load.ask({ do: 'pace', perSecond: 100, forMs: 2_000 }, 'paced')
    if (!counts) return
    rates.push((delivered * 1000) / deliveredMs)
    latencies.push(p99Ms)
  })
  load.end()
  await server.stop()
  folder.remove()
  return [
    figure(`deliveries_per_s_${audience}`, percentile(rates, 0.5), 'messages/s'),
    figure(`deliver_p99_ms_${audience}`, percentile(latencies, 0.5), 'ms'),
  ]
}
