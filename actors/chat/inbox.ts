import type { Sequenced } from '../../shared/control.ts'
import { decodeEnvelope, signedBytes, type MessageEnvelope } from '../../shared/envelope.ts'
import { isSignedBy } from '../../shared/signature.ts'
import type { ActorRef } from '../../supervisor/runtime/actor-side.ts'
import type { cryptoContract } from '../crypto/contract.ts'
import type { Directory } from './directory.ts'
import { Forged } from './errors.ts'
import type { LogEntry, MessageLog } from './message-log.ts'
import type { Placed } from './log-check.ts'

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
   * Takes messages without a place, heard by gossip or told by a peer.
   * @returns the ids of messages that look different now
   * @throws MalformedError, Forged; offline when only the server could say who the author is
   */
  async takeUnplaced(channel: string, encoded: readonly Uint8Array[]): Promise<string[]> {
    const envelopes = await this.#proven(
      channel,
      encoded.map((bytes) => decodeEnvelope(bytes)),
    )
    return this.#init.log.receive(
      channel,
      envelopes.map((envelope) => ({ envelope, place: null, by: 'p2p' })),
    )
  }

  /**
   * Reads messages that have a place.
   * @throws MalformedError, Forged: then none of them is believed; offline as above
   */
  read(channel: string, messages: readonly Sequenced[]): Promise<Placed[]> {
    return this.prove(
      channel,
      messages.map(({ seq, envelope, digest, at }) => ({
        ...{ seq, at },
        envelope: new Uint8Array(Buffer.from(envelope, 'base64')),
        digest: new Uint8Array(Buffer.from(digest, 'base64')),
      })),
    )
  }

  /** As `read`, for what came as bytes. */
  async prove(channel: string, entries: readonly LogEntry[]): Promise<Placed[]> {
    const placed = entries.map(({ seq, envelope, digest, at }) => ({
      envelope: decodeEnvelope(envelope),
      bytes: envelope,
      place: { seq, digest, at },
    }))
    await this.#proven(
      channel,
      placed.map(({ envelope }) => envelope),
    )
    return placed
  }

  async #proven(channel: string, envelopes: readonly MessageEnvelope[]): Promise<readonly MessageEnvelope[]> {
    const elsewhere = envelopes.find((envelope) => envelope.channel !== channel)
    if (elsewhere) throw new Forged('wrong-channel', elsewhere.id)
    await this.#prove(envelopes.filter((envelope) => !this.#init.log.holds(envelope)))
    return envelopes
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
