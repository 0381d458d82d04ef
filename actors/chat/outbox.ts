import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlResult } from '../../shared/control.ts'
import type { ActorRef } from '../../supervisor/runtime/actor-side.ts'
import { backoffMs } from '../../supervisor/runtime/retries.ts'
import { errorCode, errorMessage } from '../../shared/errors.ts'
import { isDiskFull } from '../../shared/store/errors.ts'
import type { cryptoContract } from '../crypto/contract.ts'
import type { linkContract } from '../link/contract.ts'
import type { p2pContract } from '../p2p/contract.ts'
import { UnknownMessage } from './errors.ts'
import { withSignature, type MessageLog } from './message-log.ts'
import { Turns } from './turns.ts'

/** Messages on their way to the server at once: what piled up while it was away must not look like a flood. */
const inFlight = 64
const retry = { firstMs: 500, maxMs: 10_000 }

/** Refusals that no repetition changes. Anything else is tried again. */
const final = new Set([
  'malformed',
  'unknown-channel',
  'not-a-member',
  'bad-signature',
  'unknown-key',
  'lamport-out-of-range',
  'id-conflict',
])

/** What is to be done with a message after a try that failed: nothing, the same soon, or the same when the server is back. */
type Next = 'done' | 'again' | 'when-back'

export interface OutboxInit {
  log: MessageLog
  crypto: ActorRef<typeof cryptoContract>
  p2p: ActorRef<typeof p2pContract>
  link: ActorRef<typeof linkContract>
  changed(id: string): void
  confirmed(place: ControlResult<'message.submit'>): void
}

/**
 * Brings every message of our own to the server and to the peers. What is on its way is known from the log alone, so
 * this may die at any instant and begin again:
 *
 *     written ── sign ──┬── gossip ──▶ with-peers
 *                       └── submit ──▶ confirmed | refused
 */
export class Outbox {
  readonly #init: OutboxInit
  readonly #submitting = new Set<string>()
  readonly #turns = new Turns(inFlight)
  readonly #stopped = new AbortController()
  #drains = 0

  constructor(init: OutboxInit) {
    this.#init = init
  }

  /** Starts whatever waits. Called when a message was written and whenever somebody who was away is back. */
  drain(): void {
    this.#drains++
    for (const id of this.#init.log.outbox()) void this.#bring(id)
  }

  /**
   * Starts one message that was just written.
   * @param signature on its way since before the write, so that signing and writing take the time of the longer one
   */
  bring(id: string, signature?: Promise<Uint8Array>): void {
    void this.#bring(id, signature)
  }

  /** Starts a message of ours that was given a new id; does nothing for any other. */
  bringIfWaiting(id: string): void {
    if (this.#init.log.isInOutbox(id)) void this.#bring(id)
  }

  /** Gossips again what the server has not confirmed: the node that did so before is gone. */
  gossipAgain(): void {
    for (const id of this.#init.log.outbox()) {
      const envelope = this.#init.log.envelope(id)
      const channel = this.#init.log.view(id)?.channel
      if (envelope && channel) void this.#gossip(id, channel, envelope)
    }
  }

  stop(): void {
    this.#stopped.abort()
  }

  async #bring(id: string, signature?: Promise<Uint8Array>): Promise<void> {
    if (this.#submitting.has(id)) return
    this.#submitting.add(id)
    try {
      for (let attempt = 0; !this.#stopped.signal.aborted; attempt++) {
        // A signature that was begun and did not come will not come to a later try either.
        const done = await this.#turns.take(() =>
          this.#try(id, attempt === 0, attempt === 0 ? signature : undefined),
        )
        if (done) return
        await sleep(backoffMs(retry, attempt + 1, Math.random), undefined, { signal: this.#stopped.signal })
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error
    } finally {
      this.#submitting.delete(id)
    }
  }

  /** @returns whether there is nothing more to do now */
  async #try(id: string, gossip: boolean, signature?: Promise<Uint8Array>): Promise<boolean> {
    const { log, link } = this.#init
    const channel = log.view(id)?.channel
    if (!channel) return true
    const drains = this.#drains
    try {
      const envelope = log.envelope(id) ?? (await this.#sign(id, signature))
      if (gossip) void this.#gossip(id, channel, envelope)
      this.#init.confirmed(await link.call.submit(envelope))
      return true
    } catch (error) {
      const next = await this.#failed(id, error)
      // While the server is away there is nothing to try: the next welcome drains the outbox. One that came while this
      // try was on its way to fail has passed over this message.
      return next === 'when-back' ? drains === this.#drains : next === 'done'
    }
  }

  async #sign(id: string, begun?: Promise<Uint8Array>): Promise<Uint8Array> {
    const { log, crypto } = this.#init
    const unsigned = log.unsigned(id)
    if (!unsigned) throw new UnknownMessage(id)
    const signature = await (begun ?? crypto.call.sign(unsigned))
    // Written when the envelope is on its way.
    setImmediate(() => this.#keepSignature(id, signature))
    return withSignature(unsigned, signature)
  }

  /** What does not fit on the disk is made again when it is needed. */
  #keepSignature(id: string, signature: Uint8Array): void {
    try {
      this.#init.log.keepSignature(id, signature)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      console.error(`chat: a signature was not kept: ${errorMessage(error)}`)
    }
  }

  async #failed(id: string, error: unknown): Promise<Next> {
    const code = errorCode(error)
    if (code === 'missing-dependencies') return this.#submitDependencies(id, error)
    if (code !== undefined && final.has(code)) {
      this.#init.log.refuse(id, { code, message: errorMessage(error) })
      this.#init.changed(id)
      return 'done'
    }
    return code === 'offline' ? 'when-back' : 'again'
  }

  /** Somebody else's message that ours answers has not reached the server: it is signed, so we may bring it. */
  async #submitDependencies(id: string, error: unknown): Promise<Next> {
    const { log, link } = this.#init
    for (const dependency of missingIds(error)) {
      const envelope = dependency === id ? undefined : log.envelope(dependency)
      if (!envelope) continue
      try {
        await link.call.submit(envelope)
      } catch (cause) {
        return this.#dependencyFailed(id, dependency, cause)
      }
    }
    return 'again'
  }

  /** Ours cannot be taken before the one that it follows, and says so where the server will never take that one. */
  async #dependencyFailed(id: string, dependency: string, cause: unknown): Promise<Next> {
    const next = await this.#failed(dependency, cause)
    if (next !== 'done') return next
    const message = 'It follows a message that the server refused. Send that one again first.'
    this.#init.log.refuse(id, { code: 'refused-dependency', message })
    this.#init.changed(id)
    return 'done'
  }

  async #gossip(id: string, channel: string, envelope: Uint8Array): Promise<void> {
    try {
      const { peers } = await this.#init.p2p.call.publish({ channel, envelope })
      if (peers === 0) return
      this.#init.log.markWithPeers(id)
      this.#init.changed(id)
    } catch (error) {
      // Gossip is the faster of two ways, and submitting goes on. When p2p is back, what is unconfirmed is gossiped again.
      console.error(`chat: message ${id} was not gossiped: ${errorMessage(error)}`)
    }
  }
}

function missingIds(error: unknown): string[] {
  const details =
    typeof error === 'object' && error !== null && 'details' in error ? error.details : undefined
  const ids = typeof details === 'object' && details !== null && 'ids' in details ? details.ids : undefined
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
}
