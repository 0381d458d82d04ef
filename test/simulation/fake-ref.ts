import type { ActorRef, CallOptions } from '../../supervisor/runtime/actor-side.ts'
import type { ApiOf, EventsOf } from '../../supervisor/runtime/contract.ts'

/** A handle on an actor whose methods are functions of the test, with a way to raise its events. */
export class FakeRef<C> {
  readonly ref: ActorRef<C>
  readonly #handlers = new Map<string, ((data: never) => void)[]>()
  readonly #up: (() => void)[] = []

  /** @param methods those that are used, by the deadline that a call is given; any other is missing */
  constructor(name: string, methods: (deadlineMs?: number) => Partial<ApiOf<C>>) {
    const ref = {
      name,
      up: true,
      call: methods(),
      with: ({ deadlineMs }: CallOptions) => methods(deadlineMs),
      on: (event: string, handler: (data: never) => void) => {
        const handlers = this.#handlers.get(event) ?? []
        this.#handlers.set(event, [...handlers, handler])
        return () => {}
      },
      onUp: (handler: () => void) => {
        this.#up.push(handler)
        handler()
        return () => {}
      },
    }
    // Comlink's types add to each method what only a proxy has; nothing here is one.
    this.ref = ref as unknown as ActorRef<C>
  }

  raise<E extends keyof EventsOf<C> & string>(event: E, data: EventsOf<C>[E]): void {
    // `on` has registered under this name what takes this event.
    for (const handler of this.#handlers.get(event) ?? []) (handler as (data: EventsOf<C>[E]) => void)(data)
  }

  /** The actor is up again, or events of it went missing. */
  raiseUp(): void {
    for (const handler of this.#up) handler()
  }
}
