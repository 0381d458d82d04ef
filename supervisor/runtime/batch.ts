import type { Transferable } from 'node:worker_threads'
import { pack } from './packing.ts'
import type { Port } from './port.ts'

/** A batch is posted when it has this many frames, so that the other side begins while this one goes on. Tried 8 to 128. */
const most = 16

/**
 * Frames of one turn of the event loop travel in one post: most of what a message between threads costs is the waking
 * up, not the copying. They keep their order.
 */
export class Batch<Frame extends object> {
  readonly #port: Port
  readonly #refused: (frame: Frame, error: unknown) => Frame | undefined
  #frames: Frame[] = []
  #transfer: Transferable[] = []
  #due = false
  /** False for plain Comlink on the other side, which reads bare frames, one at a time. */
  together = true

  /** @param refused is given a frame that could not be cloned, and why; answers what is posted in its place */
  constructor(port: Port, refused: (frame: Frame, error: unknown) => Frame | undefined) {
    this.#port = port
    this.#refused = refused
  }

  /** @param alone whether there is nothing that it could travel with, so that waiting is of no use */
  add(frame: Frame, transfer: readonly Transferable[], alone = false): void {
    this.#frames.push(frame)
    if (transfer.length > 0) this.#transfer.push(...transfer)
    // What is transferred is large: the other side begins with the first of it while the next is made ready.
    if (alone || transfer.length > 0 || this.#frames.length >= most) this.flush()
    else if (!this.#due) {
      this.#due = true
      // After the microtasks: replies of calls that are answered in the same turn catch up.
      process.nextTick(this.#flushDue)
    }
  }

  readonly #flushDue = () => {
    this.#due = false
    this.flush()
  }

  flush(): void {
    const frames = this.#frames
    const transfer = this.#transfer
    if (frames.length === 0) return
    this.#frames = []
    if (transfer.length > 0) this.#transfer = []
    if (frames.length === 1 || !this.together) this.#oneByOne(frames, transfer)
    else {
      try {
        this.#port.post(pack(frames), transfer)
      } catch {
        // One of them cannot be cloned; the others shall not pay for it.
        this.#oneByOne(frames, transfer)
      }
    }
  }

  #oneByOne(frames: readonly Frame[], transfer: readonly Transferable[]): void {
    for (const frame of frames) {
      try {
        this.#port.post(
          this.together ? pack([frame]) : frame,
          frames.length === 1 ? transfer : transfer.filter((item) => reaches(frame, item)),
        )
      } catch (error) {
        const instead = this.#refused(frame, error)
        if (instead !== undefined) this.#port.post(instead)
      }
    }
  }
}

/** Whether `item` is somewhere in `value`: only frames that could not go together are looked through. */
function reaches(value: unknown, item: unknown, seen = new Set<unknown>()): boolean {
  if (value === item) return true
  if (typeof value !== 'object' || value === null || seen.has(value)) return false
  seen.add(value)
  if (ArrayBuffer.isView(value)) return value.buffer === item
  const parts =
    value instanceof Map
      ? [...value.keys(), ...value.values()]
      : value instanceof Set
        ? [...value]
        : Object.values(value)
  return parts.some((part) => reaches(part, item, seen))
}
