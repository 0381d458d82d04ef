import { setTimeout as sleep } from 'node:timers/promises'
import { startServer, type RunningServer, type ServerInit } from '../../server/server.ts'
import { errorCode } from '../../shared/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A server on a free port with a folder of its own. What it reports fails the test that asks for `reports`. */
export interface TestServer extends RunningServer {
  dataFolder: string
  reports: unknown[]
  /** Stops it and removes its folder. */
  end(): Promise<void>
}

export async function startTestServer(init: Partial<ServerInit> = {}): Promise<TestServer> {
  const folder = temporaryFolder()
  const reports: unknown[] = []
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataFolder: folder.path,
    authAttempts: 100_000,
    report: (error) => reports.push(error),
    ...init,
  })
  return {
    ...server,
    dataFolder: folder.path,
    reports,
    async end() {
      await server.stop()
      folder.remove()
    },
  }
}

/** Lends `work` a server of its own. */
export async function withServer(
  init: Partial<ServerInit>,
  work: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await startTestServer(init)
  try {
    await work(server)
  } finally {
    await server.end()
  }
}

/** The code with which `work` fails; throws when it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
  } catch (error) {
    return errorCode(error) ?? String(error)
  }
  throw new Error('it did not fail')
}

export { sleep }
