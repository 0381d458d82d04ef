import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** @returns from `new Worker` to its first message, ms. It is ended before this returns. */
export async function startThread(file: string): Promise<number> {
  const from = performance.now()
  const worker = new Worker(file)
  await once(worker, 'message')
  const took = performance.now() - from
  await worker.terminate()
  return took
}

/** @returns from `fork` to the process's first message, ms. It is ended before this returns. */
export async function startProcess(file: string): Promise<number> {
  const from = performance.now()
  const child = fork(file)
  await once(child, 'message')
  const took = performance.now() - from
  child.kill('SIGKILL')
  await once(child, 'exit')
  return took
}
