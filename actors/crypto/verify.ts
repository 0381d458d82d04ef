import sodium from 'sodium-native'
import type { Signed } from './contract.ts'

/** Whether `signature` is `key`'s over `bytes`. Wrong lengths are a no, not an error. */
export function verify({ bytes, signature, key }: Signed): boolean {
  if (signature.byteLength !== sodium.crypto_sign_BYTES) return false
  if (key.byteLength !== sodium.crypto_sign_PUBLICKEYBYTES) return false
  return sodium.crypto_sign_verify_detached(Buffer.from(signature), Buffer.from(bytes), Buffer.from(key))
}
