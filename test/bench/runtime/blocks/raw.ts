import { once } from 'node:events'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { Contender } from '../contender.ts'
import { inFlight } from '../load.ts'
import type { Task } from './raw-source.ts'
import { few } from './traffic.ts'

const worker = (file: string, port: MessagePort) =>
  new Worker(new URL(file, import.meta.url), { workerData: port, transferList: [port] })

/** Two workers on the two ends of a MessageChannel. */
export function start(): Contender {
  const { port1, port2 } = new MessageChannel()
  const source = worker('./raw-source.ts', port1)
  const sink = worker('./raw-sink.ts', port2)
  const measure = async (forMs: number, blocks: Task['blocks']) => {
    source.postMessage({ forMs, blocks } satisfies Task)
    const [perSecond] = (await once(source, 'message')) as [number]
    return perSecond
  }
  return {
    measures: {
      blocks: (forMs) => measure(forMs, inFlight),
      fewBlocks: (forMs) => measure(forMs, few),
      bounces: (forMs) => measure(forMs, 'bounce'),
    },
    async stop() {
      await Promise.all([source.terminate(), sink.terminate()])
    },
  }
}
