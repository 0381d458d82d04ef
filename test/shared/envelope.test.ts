import { encode } from '@ipld/dag-cbor'
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toHex } from '../../shared/bytes.ts'
import { decodeEnvelope, encodeEnvelope, signedBytes, type MessageEnvelope } from '../../shared/envelope.ts'
import { limits } from '../../shared/limits.ts'
import { MalformedError } from '../../shared/schema.ts'
import { authorFrom, sampleEnvelope } from '../support/author.ts'

interface Vector {
  seed: string
  key: string
  signed: string
  sig: string
  envelope: string
}

const vector = JSON.parse(
  readFileSync(new URL('../vectors/envelope-v1.json', import.meta.url), 'utf8'),
) as Vector
const author = authorFrom(Buffer.from(vector.seed, 'hex'))
const sample = sampleEnvelope(author.key)
const signed = author.sign(sample)

function refused(bytes: Uint8Array, reason: string | RegExp): void {
  try {
    decodeEnvelope(bytes)
  } catch (error) {
    assert.instance(error, MalformedError)
    assert.is((error as MalformedError).code, 'malformed')
    return assert.match((error as MalformedError).message, reason)
  }
  assert.unreachable(`it was taken: ${toHex(bytes.subarray(0, 64))}`)
}

const changed = (fields: Record<string, unknown>) => encode({ ...signed, ...fields })
const ids = (count: number) => Array.from({ length: count }, () => sample.id)

test('an envelope of version 1 has these bytes and this signature, today and in every later release', () => {
  assert.is(toHex(author.key), vector.key)
  assert.is(toHex(signedBytes(sample)), vector.signed)
  assert.is(toHex(signed.sig), vector.sig)
  assert.is(toHex(encodeEnvelope(signed)), vector.envelope)
  assert.equal(decodeEnvelope(Buffer.from(vector.envelope, 'hex')), signed)
})

test('the bytes do not depend on the order in which the fields were written', () => {
  const backwards = Object.fromEntries(Object.entries(signed).toReversed()) as MessageEnvelope
  assert.is.not(Object.keys(backwards)[0], Object.keys(signed)[0])
  assert.is(toHex(encodeEnvelope(backwards)), toHex(encodeEnvelope(signed)))
  assert.is(toHex(signedBytes(backwards)), toHex(signedBytes(signed)))
})

test('keys are sorted as DAG-CBOR wants them, the shorter first', () => {
  const inBytes = encodeEnvelope(signed)
  const keys = Object.keys(signed).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const positions = keys.map((key) => {
    // A text string of CBOR below 24 bytes: 0x60 + length, then the characters.
    const needle = Buffer.concat([Buffer.from([0x60 + key.length]), Buffer.from(key)])
    return Buffer.from(inBytes).indexOf(needle)
  })
  assert.equal(
    positions,
    positions.toSorted((a, b) => a - b),
  )
  assert.ok(positions.every((position) => position > 0))
})

test('the signature is over everything but itself', () => {
  const other = { ...signed, sig: new Uint8Array(64).fill(9) }
  assert.is(toHex(signedBytes(other)), toHex(signedBytes(sample)))
  for (const [field, value] of Object.entries({ text: 'other', at: 1, lamport: 43, deps: [], blocks: [] })) {
    assert.is.not(toHex(signedBytes({ ...sample, [field]: value })), toHex(signedBytes(sample)), field)
  }
})

test('what is over its limit is not signed in the first place', () => {
  assert.throws(
    () => signedBytes({ ...sample, text: 'x'.repeat(limits.messageText + 1) }),
    (error: { code?: string }) => error.code === 'malformed',
  )
})

test('more bytes than an envelope may have are refused before they are read', () => {
  refused(new Uint8Array(limits.envelopeBytes + 1), `over ${limits.envelopeBytes}`)
})

test('what is not CBOR, or is more than one value, is refused', () => {
  refused(new Uint8Array(0), 'malformed')
  refused(Buffer.from('{"v":1}'), 'malformed')
  refused(encodeEnvelope(signed).subarray(0, -1), 'malformed')
  refused(Buffer.concat([encodeEnvelope(signed), Buffer.from([0])]), 'malformed')
  refused(new Uint8Array(limits.envelopeBytes).fill(0x81), 'malformed')
})

test('a second encoding of the same envelope is refused', () => {
  const bytes = Buffer.from(encodeEnvelope(signed))
  // `v: 1` comes first: a map of 12, a text of 1 character, the number 1.
  assert.equal([...bytes.subarray(0, 4)], [0xac, 0x61, 0x76, 0x01])
  const tail = bytes.subarray(4)
  const withNumber = (...number: number[]) => Buffer.concat([bytes.subarray(0, 3), Buffer.from(number), tail])
  refused(withNumber(0x18, 0x01), 'malformed')
  refused(withNumber(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0), 'canonical')
  const unsorted = Buffer.concat([bytes.subarray(0, 1), tail, bytes.subarray(1, 4)])
  refused(unsorted, 'malformed')
  const endless = Buffer.concat([Buffer.from([0xbf]), bytes.subarray(1), Buffer.from([0xff])])
  refused(endless, 'malformed')
})

test('text that is not UTF-8 is refused', () => {
  const bytes = Buffer.from(encodeEnvelope({ ...signed, text: 'naked' }))
  bytes[bytes.indexOf('naked')] = 0xff
  refused(bytes, 'malformed')
})

test('a field too many or too few is refused', () => {
  refused(changed({ extra: true }), 'malformed')
  refused(
    changed({ attachments: [{ name: 'a', type: 'b', data: new Uint8Array(1), extra: 1 }] }),
    'malformed',
  )
  for (const field of Object.keys(signed)) {
    refused(encode(Object.fromEntries(Object.entries(signed).filter(([key]) => key !== field))), 'malformed')
  }
})

const overLimits: Record<string, unknown> = {
  v: 2,
  id: '01890a5d-ac96-474b-bcce-b302099a8057',
  author: 'alice',
  key: new Uint8Array(31),
  sig: new Uint8Array(65),
  channel: sample.channel.toUpperCase(),
  text: 'x'.repeat(limits.messageText + 1),
  deps: ids(limits.dependencies + 1),
  lamport: 0,
  at: -1,
  blocks: [{ name: 'a', type: 'b', hash: new Uint8Array(33), size: 1 }],
  attachments: Array.from({ length: 9 }, () => ({ name: 'a', type: 'b', data: new Uint8Array(1) })),
}
for (const [field, value] of Object.entries(overLimits)) {
  test(`an envelope whose ${field} breaks its limit is refused, and the field is named`, () => {
    refused(changed({ [field]: value }), field)
  })
}

test('attachments are refused when they are over the limit together', () => {
  const attachment = (bytes: number) => ({ name: 'a', type: 'b', data: new Uint8Array(bytes) })
  const half = limits.inlineAttachmentBytes / 2
  decodeEnvelope(changed({ attachments: [attachment(half), attachment(half)] }))
  refused(changed({ attachments: [attachment(half), attachment(half + 1)] }), 'attachments')
})

test('attachments of any other shape are refused, and never break the check', () => {
  for (const attachments of [5, null, 'a', {}, [null], [5], [{}], [{ name: 'a', type: 'b' }]]) {
    refused(changed({ attachments }), 'attachments')
  }
})

test('an empty text is refused', () => {
  refused(changed({ text: '' }), 'text')
})

test.run()
