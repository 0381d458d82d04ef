import { wrap } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { Worker } from 'node:worker_threads'
import type { Contender } from '../contender.ts'
import { callsPerSecond } from '../load.ts'
import type { PlainEcho } from './comlink-worker.ts'

/** Plain Comlink over a worker's own port, as its documentation shows it for Node. */
export function start(): Contender {
  const worker = new Worker(new URL('./comlink-worker.ts', import.meta.url))
  const remote = wrap<PlainEcho>(nodeEndpoint(worker))
  return {
    measures: { calls: (forMs) => callsPerSecond(() => remote.echo(1), forMs) },
    stop: () => void worker.terminate(),
  }
}
