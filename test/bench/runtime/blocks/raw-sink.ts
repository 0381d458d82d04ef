import { workerData, type MessagePort } from 'node:worker_threads'

/** What a source sends: a block to keep, or one to give back. */
export interface Sent {
  block: ArrayBuffer
  back: boolean
}

const port = workerData as MessagePort
port.on('message', ({ block, back }: Sent) => {
  if (back) port.postMessage(block, [block])
  else port.postMessage(block.byteLength)
})
