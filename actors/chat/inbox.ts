import { decodeEnvelope, signedBytes, type MessageEnvelope } from '../../shared/envelope.ts'
import type { Sequenced } from '../../shared/control.ts'
import { isSignedBy } from '../../shared/signature.ts'
import type { ActorRef } from '../../supervisor/runtime/actor-side.ts'
import type { cryptoContract } from '../crypto/contract.ts'
import type { Directory } from './directory.ts'
import { Forged } from './errors.ts'
import type { MessageLog } from './message-log.ts'

/** Up to this many are checked on this thread: a round trip to crypto takes as long as a few checks. */
const checkedHere = 4

export interface InboxInit {
  log: MessageLog
  directory: Directory
  crypto: ActorRef<typeof cryptoContract>
}

/** What came from outside, decoded and proven to be its author's. Nothing is stored or shown before this. */
export class Inbox {
  readonly #init: InboxInit

  constructor(init: InboxInit) {
    this.#init = init
  }

  /**
   * Takes a message heard by gossip.
   * @returns the ids of messages that look different now
   * @throws MalformedError, Forged; offline when only the server could say who the author is
   */
  async takeGossip(channel: string, bytes: Uint8Array): Promise<string[]> {
    const envelope = decodeEnvelope(bytes)
    if (envelope.channel !== channel) throw new Forged('wrong-channel', envelope.id)
    if (this.#init.log.holds(envelope)) return []
    await this.#prove([envelope])
    return this.#init.log.receive(envelope, null)
  }

  /**
   * Takes messages in the server's order.
   * @returns the ids of messages that look different now
   * @throws MalformedError, Forged: then none was taken
   */
  async takeSequenced(messages: readonly Sequenced[]): Promise<string[]> {
    const decoded = messages.map(({ channel, seq, envelope: base64 }) => {
      const envelope = decodeEnvelope(new Uint8Array(Buffer.from(base64, 'base64')))
      if (envelope.channel !== channel) throw new Forged('wrong-channel', envelope.id)
      return { seq, envelope }
    })
    await this.#prove(
      decoded.map(({ envelope }) => envelope).filter((envelope) => !this.#init.log.holds(envelope)),
    )
    return decoded.flatMap(({ envelope, seq }) => this.#init.log.receive(envelope, seq))
  }

  async #prove(envelopes: readonly MessageEnvelope[]): Promise<void> {
    if (envelopes.length === 0) return
    const { directory, crypto } = this.#init
    await directory.prepare(envelopes)
    for (const { author, key, id } of envelopes) {
      if (!(await directory.vouches(author, key))) throw new Forged('unknown-key', id)
    }
    const signed = envelopes.map((envelope) => ({
      bytes: signedBytes(envelope),
      signature: envelope.sig,
      key: envelope.key,
    }))
    const valid = signed.length <= checkedHere ? signed.map(isSignedBy) : await crypto.call.verifyAll(signed)
    const forged = envelopes.find((_envelope, index) => valid[index] !== true)
    if (forged) throw new Forged('bad-signature', forged.id)
  }
}
