import { parentPort } from 'node:worker_threads'

/** What a thread says once it is in the state in which it is to be killed. */
export interface Busy {
  /** How long the native call that it now makes takes at least, ms. */
  nativeCallMs?: number
}

export function sayBusy(busy: Busy = {}): void {
  parentPort?.postMessage(busy)
}
