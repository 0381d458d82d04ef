import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { blocksPerSecond } from './traffic.ts'

/** Sends blocks and matches those that come back with whoever waits longest: a port keeps the order. */
const port = workerData as MessagePort
const waiting: ((block: ArrayBuffer) => void)[] = []
port.on('message', (block: ArrayBuffer) => waiting.shift()?.(block))

const pass = (block: ArrayBuffer) =>
  new Promise<ArrayBuffer>((resolve) => {
    waiting.push(resolve)
    port.postMessage(block, [block])
  })
parentPort?.on('message', (forMs: number) => {
  void blocksPerSecond(pass, forMs).then((perSecond) => parentPort?.postMessage(perSecond))
})
