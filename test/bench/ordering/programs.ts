import { Program } from '../program.ts'
import type { LoadCommand, LoadReport } from './load-program.ts'
import type { ServerCommand, ServerReport } from './server-program.ts'

export type Server = Program<ServerCommand, ServerReport>
export type Load = Program<LoadCommand, LoadReport>

/** Not counted: the compiler is still at work. */
const warmUpRounds = 1
const rounds = 5

export async function inRounds(measure: (counts: boolean) => Promise<void>): Promise<void> {
  for (let round = 0; round < warmUpRounds + rounds; round++) await measure(round >= warmUpRounds)
}

/** The server as a program of its own. Its limits are raised, since one client is measured alone. */
export async function startServer(folder: string): Promise<{ server: Server; url: string }> {
  const server: Server = new Program(new URL('./server-program.ts', import.meta.url), [
    ...['--port', '0', '--data', folder],
    ...['--auth-attempts', '1000000', '--submissions', '1000000'],
  ])
  const { url } = await server.next('url')
  return { server, url }
}

export function startLoad(): Load {
  return new Program(new URL('./load-program.ts', import.meta.url))
}
