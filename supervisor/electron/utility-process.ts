import { utilityProcess } from 'electron'
import { fileURLToPath } from 'node:url'
import { SupervisorPipe, type Exit, type Isolate, type IsolateOptions } from '../runtime/index.ts'
import { unpacked } from './unpacked.ts'

/** After a polite SIGTERM, a process that is stuck is ended by the operating system, ms. */
const killWithinMs = 500

/** An actor in Electron's utilityProcess: what takes the place of `child_process.fork` there. */
export function spawnUtilityProcess({ name, entry, heapMb, recorded }: IsolateOptions): Isolate {
  const child = utilityProcess.fork(fileURLToPath(unpacked(entry)), [], {
    serviceName: `united-${name}`,
    execArgv: heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`],
  })
  // Posting to it after its end, even from its exit handler, has crashed the main process.
  let ended = false
  const pipe = new SupervisorPipe((message) => {
    if (!ended) child.postMessage(message)
  }, recorded)
  child.on('message', (message: unknown) => pipe.receive(message))
  let fault: string | undefined
  child.on('error', (type, location) => (fault = `${type} at ${location}`))
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code) => {
      ended = true
      pipe.end()
      resolve({ reason: fault ?? `exit code ${code}`, normal: code === 0 && fault === undefined })
    })
  })
  return {
    // It is known when the process has been spawned.
    get pid() {
      return child.pid ?? null
    },
    post: (system, port) => pipe.post(system, port),
    onReport: (handler) => pipe.onReport(handler),
    exited,
    beats: () => undefined,
    recording: () => pipe.recording(),
    kill() {
      const { pid } = child
      child.kill()
      if (pid === undefined) return
      setTimeout(() => {
        if (!ended) process.kill(pid, 'SIGKILL')
      }, killWithinMs).unref()
    },
  }
}
