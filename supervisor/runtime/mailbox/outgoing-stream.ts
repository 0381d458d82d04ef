import { encodeFault } from '../error-codec.ts'
import type { StreamSupply } from '../wire.ts'

/**
 * An async iterable that an actor answered with, sent item by item. Nothing is asked of it before its consumer has
 * room, and it is told to end (`return`) when the consumer stops, or is gone.
 */
export class OutgoingStream {
  readonly #id: number
  readonly #items: AsyncIterator<unknown, unknown>
  readonly #send: (frame: StreamSupply) => void
  readonly #ended: () => void
  #room = 0
  #sent = 0
  #running = false
  #over = false

  constructor(
    id: number,
    iterable: AsyncIterable<unknown, unknown>,
    on: { send(frame: StreamSupply): void; ended(): void },
  ) {
    this.#id = id
    this.#items = iterable[Symbol.asyncIterator]()
    this.#send = on.send
    this.#ended = on.ended
  }

  pull(count: number): void {
    this.#room += count
    if (!this.#running) void this.#run()
  }

  /** Its consumer wants no more. */
  close(): void {
    if (this.#over) return
    this.#end()
    // What its clean-up throws has no one else to go to: the actor fails, as with any error that nobody awaits.
    void this.#items.return?.()
  }

  async #run(): Promise<void> {
    this.#running = true
    const stream = this.#id
    while (this.#room > 0 && !this.#over) {
      try {
        const { done, value } = await this.#items.next()
        if (this.#over) break
        if (done) {
          this.#send({ stream, from: this.#sent, done })
          this.#end()
        } else {
          this.#room--
          this.#send({ stream, from: this.#sent++, items: [value] })
        }
      } catch (error) {
        if (this.#over) throw error
        this.#send({ stream, from: this.#sent, fault: encodeFault(error) })
        this.#end()
      }
    }
    this.#running = false
  }

  #end(): void {
    this.#over = true
    this.#ended()
  }
}
