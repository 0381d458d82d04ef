import sodium from 'sodium-native'
import { sayBusy } from './busy.ts'

/** Always has password hashes under way on libuv's pool, which finish after the thread is gone. */
const password = Buffer.from('password')
const salt = Buffer.alloc(sodium.crypto_pwhash_SALTBYTES)

function hash(): void {
  const out = Buffer.alloc(32)
  sodium.crypto_pwhash_async(
    out,
    password,
    salt,
    sodium.crypto_pwhash_OPSLIMIT_INTERACTIVE,
    sodium.crypto_pwhash_MEMLIMIT_INTERACTIVE,
    sodium.crypto_pwhash_ALG_ARGON2ID13,
    hash,
  )
}
hash()
hash()
sayBusy()
