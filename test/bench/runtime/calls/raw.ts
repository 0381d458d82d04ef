import { MessageChannel, Worker } from 'node:worker_threads'
import type { Contender } from '../contender.ts'
import { medianCallUs, payloads, sendsPerSecond } from '../load.ts'

/** Nothing but a port of a MessageChannel, with the least that can answer at the other end. */
export function start(): Contender {
  const { port1: port, port2 } = new MessageChannel()
  const worker = new Worker(new URL('./raw-worker.ts', import.meta.url), {
    workerData: port2,
    transferList: [port2],
  })
  let answer: (value: number) => void = () => {}
  port.on('message', (value: number) => answer(value))
  const ask = (question: number) =>
    new Promise<number>((resolve) => {
      answer = resolve
      port.postMessage(question)
    })
  const payload = payloads()
  return {
    measures: {
      oneCall: (forMs) => medianCallUs(() => ask(1), forMs),
      sends: (forMs) =>
        sendsPerSecond(
          () => port.postMessage(payload()),
          () => ask(0),
          forMs,
        ),
    },
    stop: () => void worker.terminate(),
  }
}
