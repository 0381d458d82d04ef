import type { Static, TSchema } from 'typebox'
import {
  bridgeEvents,
  bridgeMethods,
  type Bridge,
  type BridgeEvent,
  type BridgeEventData,
  type BridgeMethod,
  type BridgeParams,
  type BridgeResult,
} from '../../shared/bridge.ts'
import { UnitedError } from '../../shared/errors.ts'
import { checker, type Checker } from '../../shared/schema.ts'
import type { Carrier } from './carrier.ts'

type Handlers = { [E in BridgeEvent]: Set<(data: BridgeEventData<E>) => void> }

/** The bridge as the stores use it: everything that comes from the host fits its schema, or is not passed on. */
export class CheckedBridge implements Bridge {
  readonly #carrier: Carrier
  readonly #results = lazyCheckers('The answer to', (method: BridgeMethod) => bridgeMethods[method].result)
  readonly #events = lazyCheckers('The event', (event: BridgeEvent) => bridgeEvents[event])
  readonly #handlers: Handlers = {
    session: new Set(),
    channels: new Set(),
    messages: new Set(),
    keyChanges: new Set(),
    reopened: new Set(),
    link: new Set(),
    peers: new Set(),
    actors: new Set(),
  }

  constructor(carrier: Carrier) {
    this.#carrier = carrier
    carrier.onEvent((event, data) => {
      try {
        this.#dispatch(event, data)
      } catch (error) {
        console.error('An event from the host was left out:', error)
      }
    })
  }

  async invoke<M extends BridgeMethod>(method: M, params: BridgeParams<M>): Promise<BridgeResult<M>> {
    const answer = await this.#carrier.invoke(method, params)
    if (answer.ok) return this.#results<BridgeResult<M>>(method).check(answer.result)
    const { code, message, details } = answer.error
    throw new UnitedError(code, message, details ? { details } : {})
  }

  on<E extends BridgeEvent>(event: E, handler: (data: BridgeEventData<E>) => void): () => void {
    const handlers: Set<(data: BridgeEventData<E>) => void> = this.#handlers[event]
    handlers.add(handler)
    return () => handlers.delete(handler)
  }

  onConnection(handler: (connected: boolean) => void): () => void {
    return this.#carrier.onConnection(handler)
  }

  #dispatch(event: BridgeEvent, data: unknown): void {
    const value = this.#events(event).check(data)
    // The handlers of an event take what its schema describes, and that was checked just now.
    for (const handler of this.#handlers[event] as Set<(data: unknown) => void>) handler(value)
  }
}

/** Compiles the schema of a key when it is first needed. */
function lazyCheckers<K extends string>(what: string, schemaOf: (key: K) => TSchema) {
  const compiled = new Map<K, Checker<Static<TSchema>>>()
  return <T>(key: K): Checker<T> => {
    let found = compiled.get(key)
    if (!found) {
      found = checker(`${what} ${key}`, schemaOf(key))
      compiled.set(key, found)
    }
    // T is the static type of schemaOf(key): TypeScript cannot follow it through a table that is filled later.
    return found as Checker<T>
  }
}
