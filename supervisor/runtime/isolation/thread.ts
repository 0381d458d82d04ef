import { Worker } from 'node:worker_threads'
import type { ActorReport } from '../wire.ts'
import type { Exit, Isolate, IsolateOptions } from './isolate.ts'

/** An actor on a worker thread: the cheapest isolate, for code whose native parts survive `terminate`. */
export function spawnThread({ name, entry, heapMb }: IsolateOptions): Isolate {
  const worker = new Worker(entry, {
    name,
    ...(heapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
  })
  let error: unknown
  worker.on('error', (thrown) => (error = thrown))
  worker.on('messageerror', (thrown) => (error = thrown))
  // Node emits every message of a worker before its exit: nothing arrives after this settles.
  const exited = new Promise<Exit>((resolve) => {
    worker.once('exit', (code) => {
      if (error === undefined) resolve({ reason: `exit code ${code}`, normal: code === 0 })
      else
        resolve({
          reason: error instanceof Error ? error.message : String(error),
          normal: false,
          cause: error,
        })
    })
  })
  return {
    post: (system, port) => worker.postMessage({ system, port }, port ? [port] : []),
    onReport: (handler) => void worker.on('message', (report: ActorReport) => handler(report)),
    exited,
    kill: () => void worker.terminate(),
  }
}
