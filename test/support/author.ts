import sodium from 'sodium-native'
import {
  encodeEnvelope,
  signedBytes,
  type MessageEnvelope,
  type UnsignedEnvelope,
} from '../../shared/envelope.ts'

/** Somebody who can sign, without an app around them. */
export interface Author {
  key: Uint8Array
  /** Ed25519 over any bytes. */
  signBytes(bytes: Uint8Array): Uint8Array
  sign(unsigned: UnsignedEnvelope): MessageEnvelope
  encoded(unsigned: UnsignedEnvelope): Uint8Array
}

/** @param seed 32 bytes; the same seed is the same author */
export function authorFrom(seed: Uint8Array): Author {
  const key = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES)
  const secretKey = Buffer.alloc(sodium.crypto_sign_SECRETKEYBYTES)
  sodium.crypto_sign_seed_keypair(key, secretKey, Buffer.from(seed))
  const signBytes = (bytes: Uint8Array): Uint8Array => {
    const sig = Buffer.alloc(sodium.crypto_sign_BYTES)
    sodium.crypto_sign_detached(sig, Buffer.from(bytes), secretKey)
    return new Uint8Array(sig)
  }
  const sign = (unsigned: UnsignedEnvelope): MessageEnvelope => ({
    ...unsigned,
    sig: signBytes(signedBytes(unsigned)),
  })
  return { key: new Uint8Array(key), signBytes, sign, encoded: (unsigned) => encodeEnvelope(sign(unsigned)) }
}

/** An envelope with something in every field, of the author whose key it is given. */
export function sampleEnvelope(key: Uint8Array): UnsignedEnvelope {
  return {
    v: 1,
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    author: '01890a5d-ac96-774b-bcce-b302099a8058',
    key,
    channel: '01890a5d-ac96-774b-bcce-b302099a8059',
    text: 'Grüße, 世界 👋',
    attachments: [{ name: 'note.txt', type: 'text/plain', data: new Uint8Array([0, 1, 254, 255]) }],
    blocks: [
      { name: 'film.webm', type: 'video/webm', hash: new Uint8Array(32).fill(7), size: 5_000_000_000 },
    ],
    lamport: 42,
    deps: ['01890a5d-ac96-774b-bcce-b302099a8050', '01890a5d-ac96-774b-bcce-b302099a8051'],
    at: 1_700_000_000_000,
  }
}
