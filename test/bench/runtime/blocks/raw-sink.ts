import { workerData, type MessagePort } from 'node:worker_threads'

/** Gives every block back. */
const port = workerData as MessagePort
port.on('message', (block: ArrayBuffer) => port.postMessage(block, [block]))
