import { decode, encode } from '@ipld/dag-cbor'
import Type, { type Static } from 'typebox'
import { Bytes } from './bytes.ts'
import { errorMessage } from './errors.ts'
import { AccountId, ChannelId, MessageId } from './ids.ts'
import { limits } from './limits.ts'
import { MalformedError, checker } from './schema.ts'

const Attachment = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    type: Type.String({ minLength: 1, maxLength: 127 }),
    data: Bytes(0, limits.inlineAttachmentBytes),
  },
  { additionalProperties: false },
)

const Attachments = Type.Refine(
  Type.Array(Attachment, { maxItems: 8 }),
  (attachments) =>
    attachments.reduce((sum, { data }) => sum + data.byteLength, 0) <= limits.inlineAttachmentBytes,
  () => `must have at most ${limits.inlineAttachmentBytes} bytes together`,
)

const BlockReference = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    type: Type.String({ minLength: 1, maxLength: 127 }),
    /** SHA-256 of the plaintext, or of the manifest that lists the blocks. */
    hash: Bytes(32),
    /** Bytes of the whole content. */
    size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
)

const unsignedFields = {
  /** Version of this layout. */
  v: Type.Literal(1),
  id: MessageId,
  author: AccountId,
  /** Ed25519 public key of the author's device; the server's key directory says whose it is. */
  key: Bytes(32),
  channel: ChannelId,
  text: Type.String({ minLength: 1, maxLength: limits.messageText }),
  attachments: Attachments,
  blocks: Type.Array(BlockReference, { maxItems: limits.blockReferences }),
  /** Lamport time: one more than the highest that the author had seen in any channel. */
  lamport: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** Ids of the messages that the author had seen and that nothing had answered yet. */
  deps: Type.Array(MessageId, { maxItems: limits.dependencies }),
  /** The author's wall clock, ms since the epoch: shown, never trusted. */
  at: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
}

export const UnsignedEnvelope = Type.Object(unsignedFields, { additionalProperties: false })
export type UnsignedEnvelope = Static<typeof UnsignedEnvelope>

/** A message as it crosses every wire: signed once by its author, never changed after. */
export const MessageEnvelope = Type.Object(
  {
    ...unsignedFields,
    /** Ed25519 signature over the canonical DAG-CBOR of all other fields. */
    sig: Bytes(64),
  },
  { additionalProperties: false },
)
export type MessageEnvelope = Static<typeof MessageEnvelope>

const envelopes = checker('the message', MessageEnvelope)
const unsignedEnvelopes = checker('the message', UnsignedEnvelope)

/**
 * The bytes that an author signs: canonical DAG-CBOR (sorted keys, shortest integers) of the unsigned envelope.
 * @throws MalformedError when a field breaks its limit
 */
export function signedBytes(envelope: UnsignedEnvelope | MessageEnvelope): Uint8Array {
  // What has a signature was checked when it was read.
  if (!('sig' in envelope)) return encode(unsignedEnvelopes.check(envelope))
  const { sig: _sig, ...unsigned } = envelope
  return encode(unsigned)
}

/** The canonical DAG-CBOR of a signed envelope: what is stored, gossiped and submitted. */
export function encodeEnvelope(envelope: MessageEnvelope): Uint8Array {
  return encode(envelope)
}

/**
 * Reads a signed envelope. The signature is not checked here: that needs the key directory.
 * @throws MalformedError for bytes that are too long, not DAG-CBOR, not canonical, or not an envelope
 */
export function decodeEnvelope(bytes: Uint8Array): MessageEnvelope {
  if (bytes.byteLength > limits.envelopeBytes) {
    throw new MalformedError('the message', `it has ${bytes.byteLength} bytes, over ${limits.envelopeBytes}`)
  }
  let value: unknown
  try {
    value = decode(bytes)
  } catch (cause) {
    throw new MalformedError('the message', errorMessage(cause), { cause })
  }
  const envelope = envelopes.check(value)
  // A second encoding of one message would be a second set of bytes under one id.
  if (!sameBytes(encode(envelope), bytes))
    throw new MalformedError('the message', 'it is not canonical DAG-CBOR')
  return envelope
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  // `every` takes 15 times as long.
  for (let index = 0; index < a.byteLength; index++) if (a[index] !== b[index]) return false
  return true
}
