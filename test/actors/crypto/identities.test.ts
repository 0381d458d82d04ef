import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sodium from 'sodium-native'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { accountKey, deriveFromPassword } from '../../../actors/crypto/password.ts'
import { toHex } from '../../../shared/bytes.ts'
import { anyServer, startCrypto, type CryptoActor } from '../../support/crypto-actor.ts'
import { rejection } from '../../support/rejection.ts'
import { tinyDisk } from '../../support/tiny-disk.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

interface VaultFile {
  kdf: { salt: string; passes: number; memoryBytes: number }
  sealed: string
}

const identities = suite('identities')
const password = 'a long enough password'
let folder: ReturnType<typeof temporaryFolder>
let crypto: CryptoActor

const open = (name: string, given = password, server = anyServer) =>
  crypto.call.open({ server, name, password: given })
const vaults = () => readdirSync(folder.path).filter((file) => file.endsWith('.vault'))
const vaultPath = () => {
  const [file] = vaults()
  assert.is(vaults().length, 1)
  return join(folder.path, file ?? '')
}
const readVault = () => JSON.parse(readFileSync(vaultPath(), 'utf8')) as VaultFile

identities.before.each(async () => {
  folder = temporaryFolder()
  crypto = await startCrypto(folder.path)
})
identities.after.each(async () => {
  await crypto.stop()
  folder.remove()
})

identities('that were kept have the same key, secret and subkeys when they are opened again', async () => {
  const first = await open('alice')
  const subkeys = [await crypto.call.subkey('chat'), await crypto.call.subkey('blocks')].map(toHex)
  await crypto.call.keep()
  await crypto.call.lock()
  const second = await open('alice')
  assert.is(toHex(second.publicKey), toHex(first.publicKey))
  assert.is(second.accountSecret, first.accountSecret)
  const again = [await crypto.call.subkey('chat'), await crypto.call.subkey('blocks')].map(toHex)
  assert.equal(again, subkeys)
  assert.is(new Set(subkeys).size, 2, 'each purpose has its own')
  assert.equal(await crypto.call.identities(), ['alice'])
})

identities('are not on the disk before they are kept', async () => {
  const first = await open('alice')
  assert.equal(vaults(), [])
  assert.equal(await crypto.call.identities(), [])
  const second = await open('alice')
  assert.is.not(toHex(second.publicKey), toHex(first.publicKey), 'nothing of the first was there')
  assert.is(
    second.accountSecret,
    first.accountSecret,
    'what the server is told comes from the password alone',
  )
})

identities('do not open with another password, and the one before stays open', async () => {
  await open('alice')
  await crypto.call.keep()
  assert.is((await rejection(open('alice', 'another long password'))).code, 'wrong-password')
  assert.is((await crypto.call.status()).unlocked, true)
  await open('alice')
})

identities('have names without regard to case, and to how an accent is written', async () => {
  const first = await open('Zoë')
  await crypto.call.keep()
  for (const name of ['zoë', 'ZOË', 'Zoë'.normalize('NFD')]) {
    const again = await open(name)
    assert.is(toHex(again.publicKey), toHex(first.publicKey), name)
    assert.is(again.accountSecret, first.accountSecret, name)
  }
})

identities('are others on another server, also for the same name and password', async () => {
  const here = await open('alice')
  await crypto.call.keep()
  const there = await open('alice', password, anyServer.replace('57', '58'))
  assert.is.not(toHex(there.publicKey), toHex(here.publicKey))
  assert.is.not(there.accountSecret, here.accountSecret)
})

identities('are listed with the one used last first, each name once', async () => {
  for (const name of ['alice', 'bob', 'alice']) {
    await open(name)
    await crypto.call.keep()
  }
  assert.equal(await crypto.call.identities(), ['alice', 'bob'])
})

identities('whose file is no identity are refused as damaged', async () => {
  await open('alice')
  await crypto.call.keep()
  const good = readVault()
  const text = JSON.stringify(good)
  const damaged = [
    '',
    'no JSON',
    text.slice(0, -10),
    '{}',
    JSON.stringify({ ...good, version: 2 }),
    JSON.stringify({ ...good, kdf: { ...good.kdf, salt: 'AAAA' } }),
    JSON.stringify({ ...good, kdf: { ...good.kdf, memoryBytes: 2 ** 40 } }),
    JSON.stringify({ ...good, sealed: good.sealed.slice(0, -8) }),
  ]
  for (const content of damaged) {
    writeFileSync(vaultPath(), content)
    assert.is((await rejection(open('alice'))).code, 'vault-damaged', content)
    assert.is(readFileSync(vaultPath(), 'utf8'), content, 'it is left for a rescue')
  }
  writeFileSync(vaultPath(), text)
  await open('alice')
})

identities('whose sealed keys were altered do not open', async () => {
  await open('alice')
  await crypto.call.keep()
  const good = readVault()
  for (const position of [0, 30, 70]) {
    const sealed = Buffer.from(good.sealed, 'base64')
    sealed[position] = (sealed[position] ?? 0) ^ 1
    writeFileSync(vaultPath(), JSON.stringify({ ...good, sealed: sealed.toString('base64') }))
    assert.is((await rejection(open('alice'))).code, 'wrong-password')
  }
})

identities('that are damaged do not hide the others', async () => {
  await open('alice')
  await crypto.call.keep()
  writeFileSync(vaultPath(), 'damaged')
  await open('bob')
  await crypto.call.keep()
  assert.equal(await crypto.call.identities(), ['bob'])
})

identities('hold neither the seed nor the master key in plain', async () => {
  const { publicKey } = await open('alice')
  await crypto.call.keep()
  const { kdf, sealed } = readVault()
  const key = await deriveFromPassword(password, Buffer.from(kdf.salt, 'base64'), kdf)
  const box = Buffer.from(sealed, 'base64')
  const plain = Buffer.alloc(64)
  sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
    plain,
    null,
    box.subarray(24),
    null,
    box.subarray(0, 24),
    key,
  )
  const derived = Buffer.alloc(32)
  sodium.crypto_sign_seed_keypair(derived, Buffer.alloc(64), plain.subarray(0, 32))
  assert.is(toHex(derived), toHex(publicKey), 'the first half of what is sealed is the seed')
  const file = readFileSync(vaultPath())
  for (const secret of [plain.subarray(0, 32), plain.subarray(32), Buffer.from(password)]) {
    for (const encoding of ['latin1', 'hex', 'base64', 'base64url'] as const) {
      assert.not(file.toString('latin1').includes(secret.toString(encoding).replace(/=+$/, '')), encoding)
    }
  }
})

identities('for which the disk has no room are not half kept, and are kept when it has', async () => {
  const disk = tinyDisk(256 * 1024)
  if (!disk) return
  const full = await startCrypto(disk.path)
  await full.signIn('alice', password)
  disk.fill()
  assert.is((await rejection(full.call.keep())).code, 'disk-full')
  assert.equal(readdirSync(disk.path), ['ballast'])
  disk.free()
  await full.call.keep()
  assert.equal(await full.call.identities(), ['alice'])
  await full.stop()
  disk.remove()
})

identities('fold names as the server does', () => {
  assert.is(accountKey('ÅNGSTRÖM'), accountKey('a\u030angstro\u0308m'))
  assert.is.not(accountKey('alice'), accountKey('alicé'))
})

identities.run()
