import { decodeEnvelope } from '../../../shared/envelope.ts'
import { signedPart } from '../../../shared/envelope-layout.ts'
import { MalformedError } from '../../../shared/schema.ts'
import { isSignedBy } from '../../../shared/signature.ts'

/** What the order of messages depends on, read from bytes whose signature fits the key that they name. */
export interface ProvenMessage {
  id: string
  author: string
  /** Base64. Whether it is the author's, auth knows. */
  key: string
  channel: string
  lamport: number
  deps: string[]
}

/** Plain data, since it comes back from other threads. */
export type Proof =
  | { proven: ProvenMessage }
  | { refused: 'malformed'; what: string }
  | { refused: 'bad-signature'; id: string }

/** Reads an envelope and checks its signature: about 90 µs of pure arithmetic, the most that any message costs. */
export function prove(bytes: Uint8Array): Proof {
  try {
    const { id, author, key, sig, channel, lamport, deps } = decodeEnvelope(bytes)
    if (!isSignedBy({ bytes: signedPart(bytes), signature: sig, key })) {
      return { refused: 'bad-signature', id }
    }
    return { proven: { id, author, key: Buffer.from(key).toString('base64'), channel, lamport, deps } }
  } catch (error) {
    if (error instanceof MalformedError) return { refused: 'malformed', what: error.message }
    throw error
  }
}
