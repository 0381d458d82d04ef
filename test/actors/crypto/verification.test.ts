import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isSignedBy, type Signed } from '../../../shared/signature.ts'
import { startCrypto } from '../../support/crypto-actor.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const verification = suite('verification')
const folder = temporaryFolder()
const crypto = await startCrypto(folder.path)
const { publicKey: key } = await crypto.signIn('alice', 'a long enough password')

async function signed(index: number): Promise<Signed> {
  const bytes = Buffer.from(`message ${index}`)
  return { bytes, signature: await crypto.call.sign(bytes), key }
}

const flipped = (bytes: Uint8Array, position: number) => {
  const copy = Uint8Array.from(bytes)
  copy[position % copy.length] = (copy[position % copy.length] ?? 0) ^ 1
  return copy
}

verification('of 500 signatures marks exactly those that are forged', async () => {
  const random = seededRandom()
  const page = await Promise.all(Array.from({ length: 500 }, (_, index) => signed(index)))
  const expected = page.map(() => random.next() > 0.1)
  const sent = page.map((entry, index): Signed => {
    if (expected[index]) return entry
    const position = random.below(64)
    switch (random.below(3)) {
      case 0:
        return { ...entry, signature: flipped(entry.signature, position) }
      case 1:
        return { ...entry, bytes: flipped(entry.bytes, position) }
      default:
        return { ...entry, key: flipped(entry.key, position) }
    }
  })
  assert.ok(expected.includes(false))
  assert.equal(await crypto.call.verifyAll(sent), expected)
})

verification('of a page of any length answers for each of its entries', async () => {
  const good = await signed(1)
  const forged = { ...good, bytes: Buffer.from('other') }
  for (const length of [0, 1, 31, 32, 33, 64, 65]) {
    const page = Array.from({ length }, (_, index) => (index === length - 1 ? forged : good))
    const expected = page.map((entry) => entry === good)
    assert.equal(await crypto.call.verifyAll(page), expected, `${length} entries`)
  }
})

verification('of keys and signatures of a wrong length is a no, not a failure', async () => {
  const good = await signed(1)
  for (const wrong of [
    { ...good, key: new Uint8Array(31) },
    { ...good, key: new Uint8Array(0) },
    { ...good, signature: new Uint8Array(65) },
    { ...good, signature: new Uint8Array(0) },
  ]) {
    assert.is(isSignedBy(wrong), false)
    assert.equal(await crypto.call.verifyAll([good, wrong]), [true, false])
  }
})

verification('goes on when the actor is killed with its pool at work', async () => {
  const good = await signed(1)
  const pages = Array.from({ length: 10 }, () => crypto.call.verifyAll(Array<Signed>(500).fill(good)))
  crypto.supervisor.kill('crypto')
  for (const valid of await Promise.all(pages)) assert.ok(valid.length === 500 && valid.every(Boolean))
})

verification.after(async () => {
  await crypto.stop()
  folder.remove()
})
verification.run()
