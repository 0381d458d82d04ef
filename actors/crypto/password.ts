import sodium from 'sodium-native'
import { forget, keyBuffer } from './key-memory.ts'

/** Cost of Argon2id: 3 passes over 64 MiB, RFC 9106's second recommended setting (with libsodium's one lane). */
export const passwordCost = { passes: 3, memoryBytes: 64 * 1024 * 1024 } as const

export interface PasswordCost {
  passes: number
  memoryBytes: number
}

export const saltBytes = sodium.crypto_pwhash_SALTBYTES

/** 32 bytes of Argon2id, computed off the event loop, in key memory. */
export async function deriveFromPassword(
  password: string,
  salt: Buffer,
  cost: PasswordCost,
): Promise<Buffer> {
  const derived = keyBuffer(32)
  const secret = Buffer.from(password.normalize('NFKC'), 'utf8')
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  sodium.crypto_pwhash_async(
    derived,
    secret,
    salt,
    cost.passes,
    cost.memoryBytes,
    sodium.crypto_pwhash_ALG_ARGON2ID13,
    (error: Error | null) => (error ? reject(error) : resolve(undefined)),
  )
  try {
    await promise
    return derived
  } catch (error) {
    forget(derived)
    throw error
  } finally {
    secret.fill(0)
  }
}

/**
 * What the server is told instead of the password. Its salt is made from the server and the name, so that any device
 * derives the same, and no two servers the same.
 */
export async function accountSecret(server: string, name: string, password: string): Promise<string> {
  const salt = Buffer.alloc(saltBytes)
  sodium.crypto_generichash(salt, Buffer.from(`united/account/${server}/${accountKey(name)}`, 'utf8'))
  const derived = await deriveFromPassword(password, salt, passwordCost)
  const text = derived.toString('base64')
  forget(derived)
  return text
}

/** Names are compared without regard to case. */
export function accountKey(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
