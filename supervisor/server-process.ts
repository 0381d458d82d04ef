import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Health, httpRoutes } from '../shared/control.ts'
import { UnitedError } from '../shared/errors.ts'
import { checker } from '../shared/schema.ts'

const healths = checker('the greeting', Health)
const greetingTimeoutMs = 2_000
const stopWithinMs = 8_000

/** The coordination server that a desktop uses. */
export interface CoordinationServer {
  url: string
  startedHere: boolean
  stop(): Promise<void>
}

export class ServerDidNotStart extends UnitedError {
  constructor(reason: string) {
    super('server-did-not-start', reason)
  }
}

/**
 * Uses the server that answers on `port`, or starts one there with its data in `dataFolder`/server.
 * @throws ServerDidNotStart with the server's own words
 */
export async function localServer(port: number, dataFolder: string): Promise<CoordinationServer> {
  const url = `http://127.0.0.1:${port}`
  if (port !== 0 && (await isUnited(url))) return { url, startedHere: false, stop: async () => {} }
  return startServer(port, join(dataFolder, 'server'))
}

async function isUnited(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL(httpRoutes.health, url), {
      signal: AbortSignal.timeout(greetingTimeoutMs),
    })
    return response.ok && healths.matches(await response.json())
  } catch (error) {
    // Nobody answers there, or not in HTTP and JSON: starting a server will say so if the port is taken.
    if (error instanceof Error) return false
    throw error
  }
}

async function startServer(port: number, dataFolder: string): Promise<CoordinationServer> {
  const main = fileURLToPath(new URL('../server/main.ts', import.meta.url))
  const child = fork(main, ['--port', String(port), '--data', dataFolder], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Ctrl-C reaches the whole process group; the server is stopped by its IPC channel, after the desktop.
    detached: process.platform !== 'win32',
  })
  let complaint = ''
  const remember = (chunk: Buffer) => (complaint += chunk.toString())
  child.stderr?.on('data', remember)
  const url = await Promise.race([listening(child), ended(child, () => complaint)])
  // Until here its words are those of the error; from here on they are for whoever watches.
  child.stderr?.off('data', remember)
  process.stderr.write(complaint)
  child.stderr?.pipe(process.stderr)
  return { url, startedHere: true, stop: () => stop(child) }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'url' in message) resolve(String(message.url))
    })
  })
}

async function ended(child: ChildProcess, complaint: () => string): Promise<never> {
  await once(child, 'close')
  throw new ServerDidNotStart(complaint().trim() || 'The coordination server ended without a word.')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  if (child.connected) child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await exited
  clearTimeout(timer)
}
