/*
 * Canonical DAG-CBOR sorts a map's keys by length, then by bytes, so the short fields of every envelope come first and
 * lie where arithmetic finds them:
 *
 *   ac | "v" 1 | "at" integer | "id" text(36) | "key" bytes(32) | "sig" bytes(64) | "deps" … "attachments" …
 *    1      3       3 + 1…9               41               38               70
 */
const mapOf12 = 0xac
const mapOf11 = 0xab
const atValue = 7
const idEntry = 41
const idValue = 5
const keyEntry = 38
const sigEntry = 70

/** Bytes that an unsigned integer takes, by its first one. */
function integerLength(first: number | undefined): number {
  if (first === undefined || first < 24) return 1
  return { 24: 2, 25: 3, 26: 5 }[first] ?? 9
}

function idStart(bytes: Uint8Array): number {
  return atValue + integerLength(bytes[atValue])
}

/**
 * The bytes that were signed, cut out of an envelope's own: the map without its entry `sig`.
 * @param canonical of an envelope that `decodeEnvelope` has accepted; anything else gives nonsense
 */
export function signedPart(canonical: Uint8Array): Uint8Array {
  const sig = idStart(canonical) + idEntry + keyEntry
  const part = new Uint8Array(canonical.byteLength - sigEntry)
  part.set(canonical.subarray(0, sig))
  part.set(canonical.subarray(sig + sigEntry), sig)
  part[0] = mapOf11
  return part
}

/**
 * The id that bytes have if they are an envelope, for a first look before they are decoded. It proves nothing: compare
 * the whole of the bytes with what is known under the id.
 */
export function likelyId(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== mapOf12) return undefined
  const start = idStart(bytes) + idValue
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, start + 36)
}
