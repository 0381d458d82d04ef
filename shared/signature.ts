import sodium from 'sodium-native'

/** Bytes, and what claims to be somebody's Ed25519 signature over them. */
export interface Signed {
  bytes: Uint8Array
  /** 64 bytes */
  signature: Uint8Array
  /** The public key, 32 bytes. */
  key: Uint8Array
}

/** Whether `signature` is `key`'s over `bytes`. Wrong lengths are a no, not an error. About 36 µs. */
export function isSignedBy({ bytes, signature, key }: Signed): boolean {
  if (signature.byteLength !== sodium.crypto_sign_BYTES) return false
  if (key.byteLength !== sodium.crypto_sign_PUBLICKEYBYTES) return false
  return sodium.crypto_sign_verify_detached(asBuffer(signature), asBuffer(bytes), asBuffer(key))
}

/** The same memory as a Buffer, which is what the declarations of sodium-native ask for. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
