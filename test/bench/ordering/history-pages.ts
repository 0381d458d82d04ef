import { temporaryFolder } from '../../support/temporary-folder.ts'
import { figure, percentile, type Figure } from '../figures.ts'
import { fillLog } from './log-file.ts'
import { inRounds, startLoad, startServer } from './programs.ts'

const logMessages = 1_000_000

/** Pages of 200 from random places of a long log, one after another. */
export async function historyPages(): Promise<Figure> {
  const folder = temporaryFolder()
  const first = await startServer(folder.path)
  const load = startLoad()
  const { channel } = await load.ask(
    { do: 'connect', url: first.url, clients: 1, together: false },
    'connected',
  )
  await first.server.stop()
  fillLog(folder.path, channel, logMessages)
  const { server, url } = await startServer(folder.path)
  await load.ask({ do: 'again', url }, 'back')
  const latencies: number[] = []
  await inRounds(async (counts) => {
    const { p99Ms } = await load.ask({ do: 'pages', channel, head: logMessages, pages: 300 }, 'pages')
    if (counts) latencies.push(p99Ms)
  })
  load.end()
  await server.stop()
  folder.remove()
  return figure('history_page_p99_ms', percentile(latencies, 0.5), 'ms')
}
