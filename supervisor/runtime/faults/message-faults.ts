import type { MessageFault } from './fault.ts'
import { seededRandom } from './random.ts'

/** Faults that happen to messages on their way, while they last. Without one, messages pass untouched. */
export class MessageFaults {
  readonly #active = new Map<MessageFault['fault'], { fault: MessageFault; random: () => number }>()

  begin(fault: MessageFault): void {
    this.#active.set(fault.fault, { fault, random: seededRandom(fault.seed) })
    setTimeout(() => {
      if (this.#active.get(fault.fault)?.fault === fault) this.#active.delete(fault.fault)
    }, fault.forMs).unref()
  }

  get any(): boolean {
    return this.#active.size > 0
  }

  /** What befalls the next message: how often it arrives, and after how long, ms. */
  next(): { times: number; delayMs: number } {
    let times = 1
    let delayMs = 0
    for (const { fault, random } of this.#active.values()) {
      if (random() >= fault.share) continue
      if (fault.fault === 'drop') times = 0
      else if (fault.fault === 'duplicate') times *= 2
      else delayMs = fault.ms
    }
    return { times, delayMs }
  }
}

/** One direction of one port under message faults. Messages behind a delayed one wait for it. */
export class FaultyWay<Message> {
  readonly #faults: MessageFaults
  readonly #deliver: (message: Message) => void
  readonly #dropped: (message: Message) => void
  #delayed: { message: Message; times: number }[] = []
  #until = 0

  constructor(
    faults: MessageFaults,
    on: { deliver(message: Message): void; dropped(message: Message): void },
  ) {
    this.#faults = faults
    this.#deliver = on.deliver
    this.#dropped = on.dropped
  }

  pass(message: Message): void {
    if (!this.#faults.any && this.#delayed.length === 0) return this.#deliver(message)
    const { times, delayMs } = this.#faults.next()
    if (times === 0) return this.#dropped(message)
    if (delayMs === 0 && this.#delayed.length === 0) return this.#repeat(message, times)
    this.#delayed.push({ message, times })
    const now = Date.now()
    this.#until = Math.max(this.#until, now) + delayMs
    setTimeout(() => {
      const next = this.#delayed.shift()
      if (next) this.#repeat(next.message, next.times)
    }, this.#until - now)
  }

  #repeat(message: Message, times: number): void {
    for (let n = 0; n < times; n++) this.#deliver(message)
  }
}
