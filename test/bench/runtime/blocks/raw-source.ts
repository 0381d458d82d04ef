import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { Sent } from './raw-sink.ts'
import { blocksPerSecond, bouncesPerSecond } from './traffic.ts'

export interface Task {
  forMs: number
  /** How many are under way at a time, one way; or the few that go to and fro. */
  blocks: number | 'bounce'
}

/** Sends blocks and matches the answers with whoever waits longest: a port keeps the order. */
const port = workerData as MessagePort
const waiting: ((answer: never) => void)[] = []
port.on('message', (answer: unknown) => waiting.shift()?.(answer as never))

const send = <Answer>(sent: Sent) =>
  new Promise<Answer>((resolve) => {
    // Whoever sent it knows what it is answered with.
    waiting.push(resolve)
    port.postMessage(sent satisfies Sent, [sent.block])
  })
parentPort?.on('message', ({ forMs, blocks }: Task) => {
  const perSecond =
    blocks === 'bounce'
      ? bouncesPerSecond((block) => send<ArrayBuffer>({ block, back: true }), forMs)
      : blocksPerSecond((block) => send<number>({ block, back: false }), blocks, forMs)
  void perSecond.then((measured) => parentPort?.postMessage(measured))
})
