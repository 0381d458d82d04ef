/**
 * The heart of an actor on a thread beats in shared memory: the supervisor sees a stuck event loop without asking it.
 *
 *     Int32 x 1: beats so far
 */
export function heartMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4)
}

export function beat(memory: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(memory), 0, 1)
}

export function beatsOf(memory: SharedArrayBuffer): number {
  return Atomics.load(new Int32Array(memory), 0)
}
