import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { toHex } from '../../../shared/bytes.ts'
import { isSignedBy } from '../../../shared/signature.ts'
import { startCrypto, type CryptoActor } from '../../support/crypto-actor.ts'
import { rejection } from '../../support/rejection.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keys = suite('keys')
const bytes = Buffer.from('what is to be signed')
let folder: ReturnType<typeof temporaryFolder>
let crypto: CryptoActor

keys.before.each(async () => {
  folder = temporaryFolder()
  crypto = await startCrypto(folder.path)
})
keys.after.each(async () => {
  await crypto.stop()
  folder.remove()
})

const allLocked = async () => {
  assert.is((await crypto.call.status()).unlocked, false)
  for (const call of [crypto.call.sign(bytes), crypto.call.subkey('chat'), crypto.call.keep()])
    assert.is((await rejection(call)).code, 'locked')
}

keys('are locked before anybody signed in and after `lock`', async () => {
  await allLocked()
  const { publicKey } = await crypto.signIn('alice', 'a long enough password')
  const signature = await crypto.call.sign(bytes)
  await crypto.call.lock()
  await crypto.call.lock()
  await allLocked()
  assert.is(isSignedBy({ bytes, signature, key: publicKey }), true)
})

keys('are kept where the status says', async () => {
  assert.ok(['guarded', 'locked', 'plain'].includes((await crypto.call.status()).keyMemory))
})

keys('go on after a kill without the password', async () => {
  const { publicKey } = await crypto.signIn('alice', 'a long enough password')
  const signature = toHex(await crypto.call.sign(bytes))
  const subkey = toHex(await crypto.call.subkey('chat'))
  for (let life = 0; life < 3; life++) {
    await crypto.kill()
    assert.is(toHex(await crypto.call.sign(bytes)), signature)
    assert.is(toHex(await crypto.call.subkey('chat')), subkey)
  }
  assert.ok(isSignedBy({ bytes, signature: Buffer.from(signature, 'hex'), key: publicKey }))
})

keys('do not go on in another run of the app, nor when what was sealed for it was altered', async () => {
  const { resume } = await crypto.signIn('alice', 'a long enough password')
  const sessionKey = crypto.session.key
  crypto.session.key = randomBytes(32)
  await crypto.kill()
  await allLocked()
  crypto.session.key = sessionKey
  for (const position of [0, 40, resume.byteLength - 1]) {
    const altered = Uint8Array.from(resume)
    altered[position] = (altered[position] ?? 0) ^ 1
    crypto.session.resume = altered
    await crypto.kill()
    await allLocked()
  }
  crypto.session.resume = resume
  await crypto.kill()
  assert.is((await crypto.call.status()).unlocked, true)
})

keys('in flight when the actor is killed come through: signing is sent again', async () => {
  await crypto.signIn('alice', 'a long enough password')
  const expected = toHex(await crypto.call.sign(bytes))
  const signing = Array.from({ length: 20 }, () => crypto.call.sign(bytes))
  crypto.supervisor.kill('crypto')
  for (const signature of await Promise.all(signing)) assert.is(toHex(signature), expected)
})

keys.run()
