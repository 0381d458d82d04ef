import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeEnvelope, signedBytes, type UnsignedEnvelope } from '../../shared/envelope.ts'
import { likelyId, signedPart } from '../../shared/envelope-layout.ts'
import { authorFrom, sampleEnvelope } from '../support/author.ts'

const author = authorFrom(new Uint8Array(32).fill(3))
const sample = sampleEnvelope(author.key)
const samples: UnsignedEnvelope[] = [
  sample,
  { ...sample, attachments: [], blocks: [], deps: [], text: 'x' },
  { ...sample, text: 'sig key id at v'.repeat(200), attachments: [] },
  // An integer has five lengths, and all that follows moves with it.
  ...[0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER].map((at) => ({
    ...sample,
    at,
  })),
]

test('what was signed is found in the bytes of every envelope, and so is its id', () => {
  for (const unsigned of samples) {
    const envelope = author.sign(unsigned)
    const bytes = encodeEnvelope(envelope)
    assert.equal(Buffer.from(signedPart(bytes)), Buffer.from(signedBytes(envelope)), `at ${unsigned.at}`)
    assert.is(likelyId(bytes), unsigned.id)
  }
})

test('bytes that are no envelope have no id, or a wrong one, and are not read beyond their end', () => {
  assert.is(likelyId(new Uint8Array()), undefined)
  assert.is(likelyId(Buffer.from('no envelope')), undefined)
  assert.is(likelyId(new Uint8Array([0xac])), '')
})

test.run()
