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

  /** One direction of a port on which these faults happen. */
  way<Message>(on: Outcomes<Message>): FaultyWay<Message> {
    return new FaultyWay(this, on)
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

/** What becomes of messages that have passed through their faults. */
interface Outcomes<Message> {
  deliver(message: Message): void
  dropped(message: Message): void
}

/** One direction of one port under message faults. Messages behind a delayed one wait for it. */
export class FaultyWay<Message> {
  readonly #faults: MessageFaults
  readonly #deliver: (message: Message) => void
  readonly #dropped: (message: Message) => void
  #delayed: { message: Message; times: number }[] = []
  #until = 0

  constructor(faults: MessageFaults, on: Outcomes<Message>) {
    this.#faults = faults
    this.#deliver = on.deliver
    this.#dropped = on.dropped
  }

  /** Nothing befalls messages, and none waits: they need not pass through here. */
  get clear(): boolean {
    return !this.#faults.any && this.#delayed.length === 0
  }

  /** A message that a fault may befall. */
  pass(message: Message): void {
    const { times, delayMs } = this.#faults.next()
    if (times === 0) this.#dropped(message)
    else this.#queue(message, times, delayMs)
  }

  /** A message that no fault befalls, in its place behind those that are delayed. */
  follow(message: Message): void {
    this.#queue(message, 1, 0)
  }

  /** Nobody is there any more to whom what is delayed could matter. */
  end(): void {
    this.#delayed = []
  }

  #queue(message: Message, times: number, delayMs: number): void {
    if (delayMs === 0 && this.#delayed.length === 0) return this.#repeat(message, times)
    this.#delayed.push({ message, times })
    const now = performance.now()
    this.#until = Math.max(this.#until, now + delayMs)
    setTimeout(() => {
      const next = this.#delayed.shift()
      if (next) this.#repeat(next.message, next.times)
    }, this.#until - now)
  }

  #repeat(message: Message, times: number): void {
    for (let n = 0; n < times; n++) this.#deliver(message)
  }
}
