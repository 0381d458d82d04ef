import type { Signed } from '../../shared/signature.ts'
import { defineContract } from '../../supervisor/runtime/actor-side.ts'

/** What keys are derived for; each purpose gets its own. Numbers are ids of libsodium's `crypto_kdf`. */
export const subkeyPurposes = { chat: 1, blocks: 2 } as const
export type SubkeyPurpose = keyof typeof subkeyPurposes

export interface Opened {
  /** Ed25519 public key of this device, 32 bytes. */
  publicKey: Uint8Array
  /** What the server is told instead of the password: base64 of 32 bytes. */
  accountSecret: string
  /** The open keys, sealed under the session key: give it back in `init` so that a restarted actor goes on. */
  resume: Uint8Array
}

/**
 * Where key memory lives. `guarded`: libsodium's guarded pages. `locked`: ordinary memory kept out of swap, where
 * guarded pages are refused (Electron's memory cage). `plain`: neither could be had. Zeroed after use in each case.
 */
export type KeyMemoryKind = 'guarded' | 'locked' | 'plain'

export interface CryptoApi {
  /** Names with an identity on this device, last used first. Idempotent. */
  identities(): Promise<string[]>
  /**
   * Opens the identity of `name` on a server, or makes one where this device has none. A new one is kept on disk
   * only by `keep`. Idempotent until then only in effect: a repeat makes another new one.
   * @throws wrong-password, vault-damaged
   */
  open(params: { server: string; name: string; password: string }): Promise<Opened>
  /** Writes the open identity to disk, encrypted under the password that opened it. Idempotent. @throws locked, disk-full */
  keep(): Promise<void>
  /** Forgets every key. Idempotent. */
  lock(): Promise<void>
  /** Ed25519 over `bytes` with this device's key: 64 bytes, the same for the same bytes. Idempotent. @throws locked */
  sign(bytes: Uint8Array): Promise<Uint8Array>
  /** Which of a page of signatures are good, checked on the pool. Idempotent. */
  verifyAll(page: Signed[]): Promise<boolean[]>
  /** 32 bytes for one purpose, always the same for one identity. Idempotent. @throws locked */
  subkey(purpose: SubkeyPurpose): Promise<Uint8Array>
  /** Idempotent. */
  status(): Promise<{ unlocked: boolean; keyMemory: KeyMemoryKind }>
}

export interface CryptoInit {
  /** Where identities are kept. */
  folder: string
  /** 32 random bytes that live as long as the app runs, and only in its memory. */
  sessionKey: Uint8Array
  /** From the last `open`, while someone is signed in. */
  resume: Uint8Array | undefined
}

export const cryptoContract = defineContract<CryptoApi, object, CryptoInit>({
  name: 'crypto',
  idempotent: ['identities', 'keep', 'lock', 'sign', 'verifyAll', 'subkey', 'status'],
  // Argon2id on a slow machine.
  deadlines: { open: 30_000 },
})
