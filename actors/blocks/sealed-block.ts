import sodium from 'sodium-native'

const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
const tagBytes = sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES

/** Layout on disk: nonce (24 bytes), ciphertext, tag (16 bytes). The name is bound in, so files cannot be swapped. */
export function sealBlock(plain: Uint8Array, name: string, key: Buffer): Buffer {
  const sealed = Buffer.alloc(nonceBytes + plain.byteLength + tagBytes)
  const nonce = sealed.subarray(0, nonceBytes)
  sodium.randombytes_buf(nonce)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    sealed.subarray(nonceBytes),
    Buffer.from(plain),
    Buffer.from(name),
    null,
    nonce,
    key,
  )
  return sealed
}

/** @throws Error when the bytes were not sealed under this name and key */
export function openBlock(sealed: Buffer, name: string, key: Buffer): Buffer {
  if (sealed.byteLength < nonceBytes + tagBytes)
    throw new Error(`a sealed block has at least ${nonceBytes + tagBytes} bytes`)
  const plain = Buffer.alloc(sealed.byteLength - nonceBytes - tagBytes)
  const nonce = sealed.subarray(0, nonceBytes)
  sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
    plain,
    null,
    sealed.subarray(nonceBytes),
    Buffer.from(name),
    nonce,
    key,
  )
  return plain
}
