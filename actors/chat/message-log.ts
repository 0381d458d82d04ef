import { decode } from '@ipld/dag-cbor'
import { uuidv7 } from 'uuidv7'
import type { Account } from '../../shared/account.ts'
import type { LogRange, MessageView } from '../../shared/bridge.ts'
import { Forged } from './errors.ts'
import type { HeldRanges } from './held-ranges.ts'
import { prepareLog, type EntryRow, type MessageRow, type TraceRow } from './log-statements.ts'
import type { WireError } from '../../shared/control.ts'
import {
  encodeEnvelope,
  signedBytes,
  type MessageEnvelope,
  type UnsignedEnvelope,
} from '../../shared/envelope.ts'
import { limits } from '../../shared/limits.ts'
import { emptyLogDigest } from '../../shared/log-digest.ts'
import { withoutWaitingForDisk, type Database } from '../../shared/store/database.ts'
import { DiskFull, isDiskFull } from '../../shared/store/errors.ts'

/** Where the server has put a message. */
export interface Place {
  seq: number
  /** Of the channel's log up to and with it. */
  digest: Uint8Array
  /** When, ms since the epoch by the server's clock. */
  at: number
}

/** A verified message as it came in. */
export interface Arrival {
  envelope: MessageEnvelope
  /** Null while the server has not given it one, as far as is known here. */
  place: Place | null
  /** Which actor heard it. */
  by: 'p2p' | 'link'
}

/** A confirmed message with all that proves its place. */
export interface LogEntry {
  seq: number
  envelope: Uint8Array
  digest: Uint8Array
  at: number
}

/** The messages of this device: every one it has written or believed, and the Lamport clock that they move. */
export class MessageLog {
  readonly #database: Database
  readonly #self: Account
  readonly #held: HeldRanges
  readonly #statements: ReturnType<typeof prepareLog>

  constructor(database: Database, self: Account, held: HeldRanges) {
    this.#database = database
    this.#self = self
    this.#held = held
    this.#statements = prepareLog(database)
  }

  view(id: string): MessageView | undefined {
    const row = this.#statements.one.get(id)
    return row && this.#toView(row)
  }

  /** The confirmed messages at these places, as far as they are here, ascending. */
  range(channel: string, { from, to }: LogRange): MessageView[] {
    return this.#statements.range.all(channel, from, to).map((row) => this.#toView(row))
  }

  /** Whether it is here and has no place yet. */
  isPending(id: string): boolean {
    return this.#statements.isPending.get(id) !== undefined
  }

  /** The messages that have no place yet, by (Lamport, id). */
  pending(channel: string): MessageView[] {
    return this.#statements.pending.all(channel).map((row) => this.#toView(row))
  }

  /** Confirmed messages above `after` and below `before`, ascending, as they are passed on to others. */
  entries(channel: string, after: number, before: number, limit: number): LogEntry[] {
    return this.#statements.entries.all(channel, after, before, limit).reverse().map(toEntry)
  }

  /** What is at a place, if it is here. */
  entryAt(channel: string, seq: number): LogEntry | undefined {
    const row = this.#statements.entryAt.get(channel, seq)
    return row && toEntry(row)
  }

  /** The log's digest at a place; undefined where that is not here. */
  digestAt(channel: string, seq: number): Uint8Array | undefined {
    return seq === 0 ? emptyLogDigest : this.#statements.digestAt.get(channel, seq)?.digest
  }

  /** Signed envelopes that a peer without the server may lack: confirmed above `after`, and all unconfirmed. */
  news(channel: string, after: number, limit: number): Uint8Array[] {
    return this.#statements.news
      .all(channel, after, limit)
      .map(({ unsigned, sig }) => withSignature(unsigned, sig))
  }

  /** A message of our own as it will be signed: its Lamport time and its dependencies are those of this moment. */
  compose(id: string, channel: string, text: string, key: Uint8Array): UnsignedEnvelope {
    const lamport = (this.#statements.clock.get()?.lamport ?? 0) + 1
    const deps = this.#statements.tips.all(channel, this.#self.id, limits.dependencies).map((row) => row.id)
    return {
      ...{ v: 1, id, author: this.#self.id, key: new Uint8Array(key), channel, text },
      ...{ attachments: [], blocks: [], lamport, deps, at: Date.now() },
    }
  }

  /**
   * Keeps a message that was composed just now, and its place in the outbox, in one commit that the disk has.
   * @throws DiskFull
   */
  write(envelope: UnsignedEnvelope): void {
    try {
      this.#database.transaction(() => this.#insertOwn(envelope))()
    } catch (cause) {
      throw isDiskFull(cause) ? new DiskFull({ cause }) : cause
    }
  }

  /**
   * Keeps messages of one channel that came from outside and were verified, all in one commit.
   * @returns the ids of messages that look different now
   * @throws Forged for an unconfirmed message from too far in the future
   */
  receive(channel: string, arrivals: readonly Arrival[]): string[] {
    return withoutWaitingForDisk(this.#database, () => {
      const newest = this.#held.highest(channel)
      return arrivals.flatMap((arrival) => {
        const changed = this.#receive(arrival, newest)
        const { seq } = arrival.place ?? {}
        if (seq !== undefined) this.#held.add(channel, { from: seq, to: seq })
        return changed
      })
    })
  }

  /** @param newest the highest place that was here before */
  #receive({ envelope, place, by }: Arrival, newest: number): string[] {
    const known = this.#statements.one.get(envelope.id)
    if (!known) {
      if (place === null) this.#requireNearby(envelope)
      this.#keep(envelope, place, by, newest)
      return [envelope.id]
    }
    if (place === null || known.seq !== null) return []
    if (this.#statements.signed.get(envelope.id)?.unsigned.equals(signedBytes(envelope))) {
      this.#answer(envelope)
      return this.#confirm(envelope.id, place) ? [envelope.id] : []
    }
    return this.#replace(known, envelope, place, by, newest)
  }

  /** One message could otherwise push the clock so far that nobody here could write any more. */
  #requireNearby({ id, lamport }: MessageEnvelope): void {
    const confirmed = this.#statements.clock.get()?.confirmed ?? 0
    if (lamport > confirmed + limits.lamportLead) throw new Forged('lamport-out-of-range', id)
  }

  #keep(envelope: MessageEnvelope, place: Place | null, by: Arrival['by'], newest: number): void {
    const now = Date.now()
    this.#statements.advance.run(envelope.lamport)
    this.#insert(envelope, {
      ...{ state: place ? 'confirmed' : 'with-peers', sig: Buffer.from(envelope.sig) },
      ...{
        seq: place?.seq ?? null,
        digest: place && Buffer.from(place.digest),
        sequencedAt: place?.at ?? null,
      },
      ...{ writtenAt: envelope.at, receivedAt: now, receivedBy: by, confirmedAt: place && now },
    })
    if (place) this.#statements.noteConfirmed.run(envelope.id)
    // What a stranger says answers nothing for us before the server has taken it: what is written here would follow
    // neither it nor what it answers.
    if (!place) this.#addTip(envelope)
    // History that is fetched after what follows it has been answered long ago.
    else if (place.seq > newest) this.#follow(envelope)
  }

  /** Under this id the server has taken other bytes than those that are here. Text of our own goes on under a new id. */
  #replace(
    known: MessageRow,
    envelope: MessageEnvelope,
    place: Place,
    by: Arrival['by'],
    newest: number,
  ): string[] {
    const ours = known.author === this.#self.id ? this.#statements.signed.get(known.id)?.unsigned : undefined
    this.#statements.dropFromOutbox.run(known.id)
    this.#statements.dropTip.run(known.id)
    this.#statements.remove.run(known.id)
    this.#keep(envelope, place, by, newest)
    if (!ours) return [envelope.id]
    const { key } = decode<UnsignedEnvelope>(ours)
    const again = this.compose(uuidv7(), known.channel, known.text, key)
    this.#insertOwn(again)
    return [envelope.id, again.id]
  }

  /** The server has given one of ours its place. @returns false when that was known */
  confirm(id: string, channel: string, place: Place): boolean {
    return withoutWaitingForDisk(this.#database, () => {
      const changed = this.#confirm(id, place)
      if (changed) this.#held.add(channel, { from: place.seq, to: place.seq })
      return changed
    })
  }

  #confirm(id: string, { seq, digest, at }: Place): boolean {
    const { changes } = this.#statements.confirm.run(seq, Buffer.from(digest), at, Date.now(), id)
    this.#statements.dropFromOutbox.run(id)
    this.#statements.noteConfirmed.run(id)
    return changes > 0
  }

  /**
   * The server's order is another than ours from `seq` on. What stood there is unconfirmed again and, since the server
   * may have lost it, offered to it once more, whoever wrote it.
   * @returns the ids of messages that look different now
   */
  unconfirm(channel: string, seq: number): string[] {
    return this.#database.transaction(() => {
      const ids = this.#statements.confirmedFrom.all(channel, seq).map(({ id }) => id)
      for (const id of ids) {
        this.#statements.unconfirm.run(this.#self.id, id)
        this.#statements.addToOutbox.run(id)
      }
      this.#held.cut(channel, seq)
      return ids
    })()
  }

  /** The signed envelope, or undefined while it is not signed. */
  envelope(id: string): Uint8Array | undefined {
    const row = this.#statements.signed.get(id)
    return row?.sig ? withSignature(row.unsigned, row.sig) : undefined
  }

  /** The bytes that are signed. */
  unsigned(id: string): Uint8Array | undefined {
    return this.#statements.signed.get(id)?.unsigned
  }

  /** A signature is the same each time it is made, so losing one to a power cut loses nothing. */
  keepSignature(id: string, signature: Uint8Array): void {
    withoutWaitingForDisk(this.#database, () =>
      this.#statements.sign.run(Buffer.from(signature), Date.now(), id),
    )
  }

  /** Whether these exact bytes are here under a signature that was checked before. */
  holds(envelope: MessageEnvelope): boolean {
    const row = this.#statements.signed.get(envelope.id)
    return row?.sig != null && row.sig.equals(envelope.sig) && row.unsigned.equals(signedBytes(envelope))
  }

  markWithPeers(id: string): void {
    withoutWaitingForDisk(this.#database, () => {
      this.#statements.withPeers.run(id)
      this.#statements.noteGossiped.run(Date.now(), id)
    })
  }

  refuse(id: string, refusal: WireError): void {
    this.#database.transaction(() => {
      this.#statements.refuse.run(JSON.stringify(refusal), id)
      this.#statements.dropFromOutbox.run(id)
      // What is refused is nobody's dependency.
      this.#statements.dropTip.run(id)
    })()
  }

  retry(id: string): void {
    this.#database.transaction(() => {
      if (this.#statements.unrefuse.run(id).changes > 0) this.#statements.addToOutbox.run(id)
    })()
  }

  isInOutbox(id: string): boolean {
    return this.#statements.isInOutbox.get(id) !== undefined
  }

  /** Ids that wait for the server, in the order in which they were written. */
  outbox(): string[] {
    return this.#statements.outbox.all().map((row) => row.id)
  }

  /** When what happened to it, as far as it has. */
  trace(id: string): TraceRow | undefined {
    return this.#statements.trace.get(id)
  }

  /** The traces of the messages that were written last. */
  lastTraces(limit: number): TraceRow[] {
    return this.#statements.lastTraces.all(limit)
  }

  /** These messages came on the screen. */
  noteShown(ids: readonly string[], at: number): void {
    withoutWaitingForDisk(this.#database, () => {
      for (const id of ids) this.#statements.noteShown.run(at, id)
    })
  }

  #insertOwn(envelope: UnsignedEnvelope): void {
    this.#statements.advance.run(envelope.lamport)
    this.#insert(envelope, {
      ...{ state: 'waiting', sig: null, seq: null, digest: null, sequencedAt: null, confirmedAt: null },
      ...{ writtenAt: Date.now(), receivedAt: null, receivedBy: null },
    })
    this.#follow(envelope)
    this.#statements.addToOutbox.run(envelope.id)
  }

  #insert(envelope: UnsignedEnvelope, delivery: DeliveryColumns): void {
    const { id, channel, author, text, at, lamport } = envelope
    const unsigned = Buffer.from(signedBytes(envelope))
    const key = Buffer.from(envelope.key)
    this.#statements.insert.run({ id, channel, author, text, at, lamport, unsigned, key, ...delivery })
  }

  /** From now on what is written here follows this message, and through it those that it follows. */
  #follow(envelope: UnsignedEnvelope): void {
    this.#answer(envelope)
    this.#addTip(envelope)
  }

  #answer({ deps }: UnsignedEnvelope): void {
    for (const dep of deps) this.#statements.dropTip.run(dep)
  }

  #addTip({ channel, id }: UnsignedEnvelope): void {
    this.#statements.addTip.run(channel, id)
  }

  #toView(row: MessageRow): MessageView {
    const { name, author, refusal, accepted, ...rest } = row
    return {
      ...rest,
      author: { id: author, name: name ?? 'unknown' },
      mine: author === this.#self.id,
      newKey: accepted === 0,
      refusal: refusal === null ? null : (JSON.parse(refusal) as WireError),
    }
  }
}

interface DeliveryColumns {
  state: MessageView['state']
  sig: Buffer | null
  seq: number | null
  digest: Buffer | null
  writtenAt: number
  receivedAt: number | null
  receivedBy: Arrival['by'] | null
  sequencedAt: number | null
  confirmedAt: number | null
}

function toEntry({ seq, unsigned, sig, digest, at }: EntryRow): LogEntry {
  return { seq, envelope: withSignature(unsigned, sig), digest, at }
}

/** The encoded envelope made of what was signed and its signature. */
export function withSignature(unsigned: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeEnvelope({ ...decode<UnsignedEnvelope>(unsigned), sig: new Uint8Array(signature) })
}
