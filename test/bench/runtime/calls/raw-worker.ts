import { workerData, type MessagePort } from 'node:worker_threads'

/** Echoes a number, counts bytes, and answers 0 with how many of those there were. */
const port = workerData as MessagePort
let taken = 0
port.on('message', (message: number | Uint8Array) => {
  if (typeof message !== 'number') taken++
  else if (message > 0) port.postMessage(message)
  else {
    port.postMessage(taken)
    taken = 0
  }
})
