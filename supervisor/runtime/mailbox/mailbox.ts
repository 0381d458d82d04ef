import type { MailboxLimits } from '../contract.ts'
import { MailboxFull } from '../errors.ts'

/** A call that has arrived. */
export interface Letter {
  /** About what it takes in memory. */
  readonly bytes: number
  /** Carries it out; `done` is called when it is answered. */
  open(done: () => void): void
}

/**
 * What an actor has taken and not yet answered, over all its callers. Letters are opened in the order in which they
 * came, as many at once as the contract says. Stop, probes and links do not pass through here, so a full mailbox does
 * not hold them up.
 *
 * Where callers wait for room, each has a window, and the windows together are what there is room for. When they are
 * dealt out anew, what is already under way can be more: that waits at the door, which every window bounds.
 */
export class Mailbox {
  readonly limits: Readonly<MailboxLimits>
  readonly #actor: string
  #waiting: Letter[] = []
  #next = 0
  readonly #atDoor: Letter[] = []
  #open = 0
  #bytes = 0
  #deepest = 0
  #slowMs = 0
  #slowUntil: NodeJS.Timeout | undefined
  #slowed: Promise<void> | undefined
  #opening = false

  constructor(actor: string, limits: Readonly<MailboxLimits>) {
    this.#actor = actor
    this.limits = limits
  }

  /** Letters that wait or are open. */
  get depth(): number {
    return this.#waiting.length - this.#next + this.#open
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The greatest depth since this was last asked. */
  takeDeepest(): number {
    const deepest = this.#deepest
    this.#deepest = this.depth
    return deepest
  }

  /**
   * @param mayWait whether its sender keeps to a window, so that it can wait at the door
   * @returns why the letter cannot be taken, or nothing when it was
   */
  take(letter: Letter, mayWait: boolean): MailboxFull | undefined {
    const full = this.#full(letter)
    if (full === undefined && this.#atDoor.length === 0) this.#admit(letter)
    else if (mayWait && this.limits.whenFull === 'wait') this.#atDoor.push(letter)
    else return new MailboxFull(this.#actor, full ?? 'others wait for room')
    return undefined
  }

  /** Takes a letter back that was not opened yet. @returns whether it was still there */
  withdraw(letter: Letter): boolean {
    const outside = this.#atDoor.indexOf(letter)
    const place = outside < 0 ? this.#waiting.indexOf(letter, this.#next) : -1
    if (outside >= 0) this.#atDoor.splice(outside, 1)
    else if (place >= 0) {
      this.#waiting.splice(place, 1)
      this.#bytes -= letter.bytes
    } else return false
    this.#admitWaiting()
    return true
  }

  /** Lets `ms` pass before each letter is opened, until `forMs` are over or it is told anew. */
  slowDown(ms: number, forMs: number): void {
    this.#slowMs = ms
    clearTimeout(this.#slowUntil)
    this.#slowUntil = setTimeout(() => {
      this.#slowMs = 0
      this.#openWaiting()
    }, forMs).unref()
  }

  /** @returns which limit leaves no room for the letter */
  #full({ bytes }: Letter): string | undefined {
    const { limits, depth } = this
    if (depth >= limits.messages) return `${limits.messages} calls`
    // A letter that alone is over the limit is let in when there is no other: it would never find room.
    return depth > 0 && this.#bytes + bytes > limits.bytes ? `${limits.bytes} bytes` : undefined
  }

  #admit(letter: Letter): void {
    this.#bytes += letter.bytes
    const depth = this.depth + 1
    if (depth > this.#deepest) this.#deepest = depth
    if (this.#slowMs === 0 && this.#next === this.#waiting.length && this.#open < this.limits.concurrency)
      this.#openNow(letter)
    else {
      this.#waiting.push(letter)
      this.#openWaiting()
    }
  }

  #admitWaiting(): void {
    for (let first = this.#atDoor[0]; first && this.#full(first) === undefined; first = this.#atDoor[0]) {
      this.#atDoor.shift()
      this.#admit(first)
    }
  }

  #openNow(letter: Letter): void {
    this.#open++
    letter.open(() => {
      this.#open--
      this.#bytes -= letter.bytes
      this.#openWaiting()
      if (this.#atDoor.length > 0) this.#admitWaiting()
    })
  }

  #openWaiting(): void {
    // A letter may be answered while it is opened; the loop that opened it goes on by itself.
    if (this.#opening || this.#next === this.#waiting.length) return
    this.#opening = true
    try {
      while (!this.#slowed && this.#next < this.#waiting.length && this.#open < this.limits.concurrency) {
        if (this.#slowMs > 0) this.#slowed = passed(this.#slowMs).then(() => this.#openSlowly())
        else this.#openFirst()
      }
    } finally {
      this.#opening = false
    }
  }

  #openSlowly(): void {
    this.#slowed = undefined
    if (this.#open < this.limits.concurrency) this.#openFirst()
    this.#openWaiting()
  }

  #openFirst(): void {
    const letter = this.#waiting[this.#next]
    if (!letter) return
    this.#next++
    if (this.#next === this.#waiting.length || this.#next > 1024) {
      this.#waiting = this.#waiting.slice(this.#next)
      this.#next = 0
    }
    this.#openNow(letter)
  }
}

/** As of `timers/promises`, which no mailbox needs but a slow one. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
