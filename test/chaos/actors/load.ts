import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from 'uuidv7'
import { errorCode } from '../../../shared/errors.ts'
import type { Person } from '../../support/world.ts'

/** Between two messages of one person, ms. */
const everyMs = 120
/** Between two tries of one message, ms, as an impatient window would. */
const againMs = 200

/** What a window would try again, since chat may not have heard it. */
const passing = new Set(['actor-down', 'deadline', 'mailbox-full', 'aborted', 'actor-start-failed'])

/** One person who writes steadily. A message counts as sent once chat has said that it is kept. */
export class Writer {
  readonly sent: string[] = []
  readonly #person: Person
  readonly #channel: string
  readonly #name: string
  #stopped = false
  #running: Promise<void> | undefined

  constructor(name: string, person: Person, channel: string) {
    this.#name = name
    this.#person = person
    this.#channel = channel
  }

  begin(): void {
    this.#running = this.#run()
  }

  /** Resolves when the message that is under way is kept. */
  async end(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    for (let n = 1; !this.#stopped; n++) {
      const id = uuidv7()
      await this.#say(id, `${this.#name} ${n}`)
      this.sent.push(id)
      await sleep(everyMs)
    }
  }

  async #say(id: string, text: string): Promise<void> {
    for (;;) {
      try {
        await this.#person.chat.call.send({ id, channel: this.#channel, text })
        return
      } catch (error) {
        if (!passing.has(errorCode(error) ?? '')) throw error
        await sleep(againMs)
      }
    }
  }
}
