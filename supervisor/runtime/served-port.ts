import * as Comlink from 'comlink'
import type { Transferable } from 'node:worker_threads'
import { faultReply } from './error-codec.ts'
import { MailboxFull } from './errors.ts'
import type { Port } from './port.ts'
import { isCallFrame, isSubscribeFrame } from './wire.ts'

/** How many calls an actor has taken and not yet answered, over all its callers. */
export class Mailbox {
  readonly #actor: string
  readonly #limit: number
  #depth = 0

  constructor(actor: string, limit: number) {
    this.#actor = actor
    this.#limit = limit
  }

  get depth(): number {
    return this.#depth
  }

  /** @returns why the call cannot be taken, or nothing when it was */
  take(): MailboxFull | undefined {
    if (this.#depth >= this.#limit) return new MailboxFull(this.#actor, this.#limit)
    this.#depth++
    return undefined
  }

  answered(): void {
    this.#depth--
  }
}

/** One caller's port, seen from the actor that answers on it. */
export class ServedPort {
  readonly #port: Port
  readonly #subscribed = new Set<string>()

  constructor(port: Port) {
    this.#port = port
  }

  /** Lets Comlink answer the calls that arrive, as far as the mailbox takes them. */
  serve(api: object, mailbox: Mailbox): void {
    const listeners = new Set<(event: MessageEvent) => void>()
    Comlink.expose(api, {
      postMessage: (reply: unknown, transfer?: Transferable[]) => {
        mailbox.answered()
        this.#port.post(reply, transfer)
      },
      addEventListener: (_type, listener) => void listeners.add(listener as (event: MessageEvent) => void),
      removeEventListener: (_type, listener) =>
        void listeners.delete(listener as (event: MessageEvent) => void),
    } satisfies Comlink.Endpoint)

    this.#port.onMessage((message) => {
      if (isSubscribeFrame(message)) this.#subscribed.add(message.subscribe)
      else if (isCallFrame(message)) {
        const refusal = mailbox.take()
        if (refusal) this.#port.post(faultReply(message.id, refusal))
        else for (const listener of listeners) listener({ data: message } as MessageEvent)
      }
    })
  }

  emit(event: string, data: unknown): void {
    if (this.#subscribed.has(event)) this.#port.post({ event, data })
  }

  onClose(handler: () => void): void {
    this.#port.onClose(handler)
  }
}
