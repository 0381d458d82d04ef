import type { MessagePort, Transferable } from 'node:worker_threads'

/** One end of an ordered, two-way stream of structured clones. */
export interface Port {
  post(message: unknown, transfer?: readonly Transferable[]): void
  onMessage(handler: (message: unknown) => void): void
  /** Called once, when the other end is gone or either side has closed. */
  onClose(handler: () => void): void
  close(): void
}

export function fromMessagePort(port: MessagePort): Port {
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    onMessage: (handler) => void port.on('message', handler),
    onClose: (handler) => void port.once('close', handler),
    close: () => port.close(),
  }
}
