import { temporaryFolder } from '../../support/temporary-folder.ts'
import { figure, type Figure } from '../figures.ts'
import { startLoad, startServer } from './programs.ts'

const idle = 400

/** What a client that says and hears nothing adds to the memory of the server's process. */
export async function idleConnections(): Promise<Figure> {
  const folder = temporaryFolder()
  const { server, url } = await startServer(folder.path)
  const load = startLoad()
  const measure = async () => (await server.ask({ do: 'collect' }, 'rssKb')).rssKb
  // As many have been there and gone before: what the first ones make the server load, compile and reserve stays.
  await load.ask({ do: 'connect', url, clients: idle, together: false }, 'connected')
  await load.ask({ do: 'leave' }, 'left')
  const before = await measure()
  const others = startLoad()
  await others.ask({ do: 'connect', url, clients: idle, together: false }, 'connected')
  const after = await measure()
  load.end()
  others.end()
  await server.stop()
  folder.remove()
  return figure('idle_connection_kb', (after - before) / idle, 'KB')
}
