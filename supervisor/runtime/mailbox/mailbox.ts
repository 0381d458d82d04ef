import { setTimeout as sleep } from 'node:timers/promises'
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
 */
export class Mailbox {
  readonly limits: Readonly<MailboxLimits>
  readonly #actor: string
  #waiting: Letter[] = []
  #next = 0
  #open = 0
  #bytes = 0
  #deepest = 0
  #slowMs = 0
  #slowed: Promise<void> | undefined

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

  /** @returns why the letter cannot be taken, or nothing when it was */
  take(letter: Letter): MailboxFull | undefined {
    const { messages, bytes, concurrency } = this.limits
    const depth = this.depth
    if (depth >= messages) return new MailboxFull(this.#actor, `${messages} calls`)
    // A letter that alone is over the limit is let in when there is no other: it would never find room.
    if (depth > 0 && this.#bytes + letter.bytes > bytes) return new MailboxFull(this.#actor, `${bytes} bytes`)
    this.#bytes += letter.bytes
    if (depth >= this.#deepest) this.#deepest = depth + 1
    if (this.#slowMs === 0 && this.#next === this.#waiting.length && this.#open < concurrency)
      this.#openNow(letter)
    else {
      this.#waiting.push(letter)
      this.#openWaiting()
    }
    return undefined
  }

  /** Takes a letter back that was not opened yet. @returns whether it was still there */
  withdraw(letter: Letter): boolean {
    const place = this.#waiting.indexOf(letter, this.#next)
    if (place < 0) return false
    this.#waiting.splice(place, 1)
    this.#bytes -= letter.bytes
    return true
  }

  /** Lets this much time pass, ms, before each letter is opened. */
  slowDown(ms: number): void {
    this.#slowMs = ms
    this.#openWaiting()
  }

  #openNow(letter: Letter): void {
    this.#open++
    letter.open(() => {
      this.#open--
      this.#bytes -= letter.bytes
      this.#openWaiting()
    })
  }

  #openWaiting(): void {
    while (!this.#slowed && this.#next < this.#waiting.length && this.#open < this.limits.concurrency) {
      if (this.#slowMs > 0) {
        this.#slowed = sleep(this.#slowMs).then(() => {
          this.#slowed = undefined
          this.#openFirst()
          this.#openWaiting()
        })
        return
      }
      this.#openFirst()
    }
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
