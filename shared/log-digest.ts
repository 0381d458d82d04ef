import { createHash } from 'node:crypto'

/*
 * Each confirmed message of a channel has a digest that stands for the whole log up to it:
 *
 *   digest(0) = 32 zero bytes
 *   digest(n) = SHA-256(digest(n - 1) ‖ envelope n)
 *
 * Two logs whose digests at n are the same are the same up to n; once they differ they differ for ever, so the first
 * difference is found by bisection. Whoever trusts one digest can take the log below it from anybody.
 */
export const digestBytes = 32

/** The digest of an empty log. */
export const emptyLogDigest: Uint8Array = new Uint8Array(digestBytes)

/** @param envelope the canonical bytes of the signed envelope */
export function nextLogDigest(before: Uint8Array, envelope: Uint8Array): Buffer {
  return createHash('sha256').update(before).update(envelope).digest()
}
