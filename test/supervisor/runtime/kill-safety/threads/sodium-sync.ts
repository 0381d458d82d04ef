import sodium from 'sodium-native'
import { sayBusy } from './busy.ts'

/** Seals 256 KiB blocks one after the other, as the crypto and blocks actors do. */
const block = Buffer.alloc(256 * 1024)
const sealed = Buffer.alloc(block.length + sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES)
const nonce = Buffer.alloc(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
const key = sodium.sodium_malloc(sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES)

sayBusy()
for (;;) {
  sodium.randombytes_buf(nonce)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, block, null, null, nonce, key)
}
