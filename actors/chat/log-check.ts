import type { MessageEnvelope } from '../../shared/envelope.ts'
import { nextLogDigest } from '../../shared/log-digest.ts'
import { BrokenLog } from './errors.ts'
import type { MessageLog, Place } from './message-log.ts'

/** A verified message with its place. */
export interface Placed {
  envelope: MessageEnvelope
  /** The canonical bytes of `envelope`. */
  bytes: Uint8Array
  place: Place
}

/**
 * Whether what was told continues itself: each digest follows from the one before.
 * @param messages ascending by seq, of one channel
 * @throws BrokenLog
 */
export function requireUnbroken(messages: readonly Placed[]): void {
  for (const [index, { bytes, place }] of messages.entries()) {
    const before = messages[index - 1]?.place
    if (before === undefined || before.seq + 1 !== place.seq) continue
    if (!sameBytes(nextLogDigest(before.digest, bytes), place.digest)) throw new BrokenLog(place.seq)
  }
}

/** Whether what was told and what is here can be parts of one log: the same where they overlap or touch. */
export function fits(log: MessageLog, channel: string, messages: readonly Placed[]): boolean {
  const overlaps = messages.every(({ bytes, place: { seq, digest } }) => {
    const here = log.digestAt(channel, seq)
    if (here) {
      // Nothing before the first message of a page says that its digest is its own.
      const entry = log.entryAt(channel, seq)
      return sameBytes(here, digest) && (!entry || sameBytes(entry.envelope, bytes))
    }
    const before = log.digestAt(channel, seq - 1)
    return !before || sameBytes(nextLogDigest(before, bytes), digest)
  })
  const last = messages.at(-1)?.place
  const after = last && log.entryAt(channel, last.seq + 1)
  return overlaps && (!after || sameBytes(nextLogDigest(last.digest, after.envelope), after.digest))
}

/**
 * Whether a page that nobody vouches for is proven by what is here: it ends where a held range begins, whose first digest
 * follows from it, and so from each message of the page.
 * @param before the digest below the first message of the page, as it was told
 */
export function isProven(
  log: MessageLog,
  channel: string,
  before: Uint8Array,
  messages: readonly Placed[],
): boolean {
  let digest = before
  for (const [index, { bytes, place }] of messages.entries()) {
    digest = nextLogDigest(digest, bytes)
    const follows = index === 0 || messages[index - 1]?.place.seq === place.seq - 1
    if (!follows || !sameBytes(digest, place.digest)) return false
  }
  const last = messages.at(-1)?.place
  const after = last && log.entryAt(channel, last.seq + 1)
  return after !== undefined && sameBytes(nextLogDigest(digest, after.envelope), after.digest)
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
