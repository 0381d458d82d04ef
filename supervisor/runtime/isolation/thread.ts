import { Worker } from 'node:worker_threads'
import type { ActorReport } from '../wire.ts'
import type { Exit, Isolate, IsolateOptions } from './isolate.ts'

/** An actor on a worker thread: the cheapest isolate, for code whose native parts survive `terminate`. */
export function spawnThread({ name, entry, heapMb }: IsolateOptions): Isolate {
  const worker = new Worker(entry, {
    name,
    ...(heapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
  })
  let error: Error | undefined
  const fail = (thrown: unknown) => {
    error = thrown instanceof Error ? thrown : new Error('it threw what is no error', { cause: thrown })
  }
  worker.on('error', fail)
  worker.on('messageerror', fail)
  // Node emits every message of a worker before its exit: nothing arrives after this settles.
  const exited = new Promise<Exit>((resolve) => {
    worker.once('exit', (code) => {
      resolve({
        reason: error?.message ?? `exit code ${code}`,
        normal: error === undefined && code === 0,
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
