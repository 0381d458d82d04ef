import sodium from 'sodium-native'
import { subkeyPurposes, type SubkeyPurpose } from './contract.ts'
import { forget, keyBuffer } from './key-memory.ts'

const seedBytes = sodium.crypto_sign_SEEDBYTES
const masterBytes = sodium.crypto_kdf_KEYBYTES
const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

/** The keys of one person on one device: an Ed25519 pair that signs, and a master key that others derive from. */
export class Identity {
  /** Bytes of what `seal` makes. */
  static readonly sealedBytes =
    nonceBytes + seedBytes + masterBytes + sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES

  readonly publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES)
  readonly #seed: Buffer
  readonly #master: Buffer
  readonly #signingKey = keyBuffer(sodium.crypto_sign_SECRETKEYBYTES)

  /** Takes both buffers over; they are zeroed by `forget`. */
  private constructor(seed: Buffer, master: Buffer) {
    this.#seed = seed
    this.#master = master
    sodium.crypto_sign_seed_keypair(this.publicKey, this.#signingKey, seed)
  }

  static create(): Identity {
    const seed = keyBuffer(seedBytes)
    const master = keyBuffer(masterBytes)
    sodium.randombytes_buf(seed)
    sodium.randombytes_buf(master)
    return new Identity(seed, master)
  }

  sign(bytes: Uint8Array): Uint8Array {
    const signature = Buffer.alloc(sodium.crypto_sign_BYTES)
    sodium.crypto_sign_detached(signature, Buffer.from(bytes), this.#signingKey)
    return signature
  }

  subkey(purpose: SubkeyPurpose): Uint8Array {
    const subkey = Buffer.alloc(32)
    sodium.crypto_kdf_derive_from_key(subkey, subkeyPurposes[purpose], Buffer.from('unitedv1'), this.#master)
    return subkey
  }

  /** Seed and master key under `key`: XChaCha20-Poly1305, the nonce in front. */
  seal(key: Buffer): Buffer {
    const plain = keyBuffer(seedBytes + masterBytes)
    this.#seed.copy(plain)
    this.#master.copy(plain, seedBytes)
    const sealed = Buffer.alloc(Identity.sealedBytes)
    const nonce = sealed.subarray(0, nonceBytes)
    sodium.randombytes_buf(nonce)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.subarray(nonceBytes),
      plain,
      null,
      null,
      nonce,
      key,
    )
    forget(plain)
    return sealed
  }

  /** @returns undefined when `key` is not the one that sealed it, or the bytes were altered */
  static unseal(sealed: Uint8Array, key: Buffer): Identity | undefined {
    const bytes = Buffer.from(sealed)
    if (bytes.byteLength !== Identity.sealedBytes) return undefined
    const plain = keyBuffer(seedBytes + masterBytes)
    const nonce = bytes.subarray(0, nonceBytes)
    const box = bytes.subarray(nonceBytes)
    try {
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, box, null, nonce, key)
    } catch (error) {
      if (error instanceof Error) return undefined
      throw error
    }
    const seed = keyBuffer(seedBytes)
    const master = keyBuffer(masterBytes)
    plain.copy(seed, 0, 0, seedBytes)
    plain.copy(master, 0, seedBytes)
    forget(plain)
    return new Identity(seed, master)
  }

  forget(): void {
    for (const key of [this.#seed, this.#master, this.#signingKey]) forget(key)
  }
}
