import type { MessageView } from '../../shared/bridge.ts'

type Told = Pick<MessageView, 'id' | 'channel' | 'seq' | 'state'>

/** Up to where each channel's order is what it was before the server was restored; absent where it never was. */
export type Unchanged = ReadonlyMap<string, number>

/** What one window was told of messages, and whether it could be believed. */
export class ToldMessages {
  readonly #who: string
  readonly #unchanged: Unchanged
  /** The place under which each message was last told, in any life of chat. */
  readonly #places = new Map<string, Told>()
  /** As each message was last told in this life. */
  readonly #last = new Map<string, Told>()
  /** Each place that was ever told. */
  readonly #claims: Told[] = []
  readonly #wrong: string[] = []

  constructor(who: string, unchanged: Unchanged) {
    this.#who = who
    this.#unchanged = unchanged
  }

  hear(views: readonly MessageView[]): void {
    for (const { id, channel, seq, state } of views) {
      const told = { id, channel, seq, state }
      this.#last.set(id, told)
      if ((seq !== null) !== (state === 'confirmed'))
        this.#complain(`${id} is ${state} at ${seq ?? 'no place'}`)
      const before = this.#places.get(id)
      if (typeof before?.seq === 'number' && before.seq !== seq && this.#isFinal(channel, before.seq))
        this.#complain(`${id} was told at ${before.seq} and then at ${seq ?? 'no place'}`)
      if (seq === null) continue
      this.#places.set(id, told)
      this.#claims.push(told)
    }
  }

  /** The window asks for everything anew. */
  reopen(): void {
    this.#last.clear()
  }

  /** @param viewOf how a message is now */
  compare(viewOf: (id: string) => Told | undefined): void {
    for (const { id, seq, state } of this.#last.values()) {
      const now = viewOf(id)
      if (now?.seq === seq && now.state === state) continue
      const [told, is] = [
        `${state} at ${seq ?? 'no place'}`,
        `${now?.state ?? 'gone'} at ${now?.seq ?? 'no place'}`,
      ]
      this.#complain(`${id} was last told ${told}, and is ${is}`)
    }
  }

  /** @param given every place that the server's log has ever had: channel, seq and id */
  *faults(given: ReadonlySet<string>): Generator<string> {
    yield* this.#wrong
    for (const { channel, seq, id } of this.#claims)
      if (!given.has(`${channel} ${seq ?? ''} ${id}`))
        yield `${this.#who}: ${id} was told at ${seq ?? ''}, which is not its place`
  }

  #isFinal(channel: string, seq: number): boolean {
    return seq <= (this.#unchanged.get(channel) ?? Infinity)
  }

  #complain(what: string): void {
    this.#wrong.push(`${this.#who}: ${what}`)
  }
}
