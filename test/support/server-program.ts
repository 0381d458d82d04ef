import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

export interface ServerProgram {
  url: string
  port: string
  process: ChildProcess
  stop(): Promise<void>
}

/** The coordination server as a program of its own. */
export async function startServerProgram(
  dataFolder: string,
  port = 0,
  where: { address: string; node: string } = { address: '127.0.0.1', node: process.execPath },
): Promise<ServerProgram> {
  const child = fork(main, ['--port', String(port), '--host', where.address, '--data', dataFolder], {
    execPath: where.node,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: { url: string }) => resolve(message.url))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  return {
    url,
    port: new URL(url).port,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
