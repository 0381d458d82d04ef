import type { ControlEventData } from '../../shared/control.ts'
import { eventFrame } from './frames.ts'

/**
 * What a client is owed that cannot be told now. It does not grow with what happens meanwhile: of each state the latest
 * is kept, and of messages where their channels end, from which the client sees what to ask for.
 */
export class Owed {
  readonly #states = new Map<string, () => Buffer>()
  readonly #heads = new Map<string, number>()

  state(key: string, frame: () => Buffer): void {
    // The latest is told last.
    this.#states.delete(key)
    this.#states.set(key, frame)
  }

  messages(channel: string, head: number): void {
    this.#heads.set(channel, head)
  }

  /** The frames that say all of it, which is then owed no more. */
  take(): Buffer[] {
    const frames = [...this.#states.values()].map((frame) => frame())
    if (this.#heads.size > 0) {
      const heads: ControlEventData<'heads'> = [...this.#heads].map(([channel, head]) => ({ channel, head }))
      frames.push(eventFrame('heads', heads))
    }
    this.#states.clear()
    this.#heads.clear()
    return frames
  }
}
