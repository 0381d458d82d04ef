/** A call as the actor that carries it out may know it: see `ActorContext.call`. */
export class IncomingCall {
  /** The name of the actor that called; "supervisor" for the supervisor's own side. */
  readonly caller: string
  readonly method: string
  #controller: AbortController | undefined
  #cancelled: { reason: unknown } | undefined

  constructor(caller: string, method: string) {
    this.caller = caller
    this.method = method
  }

  /** Aborted when nobody waits for the answer any more: deadline, abort, or the caller's death. */
  get signal(): AbortSignal {
    // Most calls never ask for it.
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#cancelled) this.#controller.abort(this.#cancelled.reason)
    }
    return this.#controller.signal
  }

  get cancelled(): boolean {
    return this.#cancelled !== undefined
  }

  cancel(reason: unknown): void {
    this.#cancelled ??= { reason }
    this.#controller?.abort(reason)
  }
}
