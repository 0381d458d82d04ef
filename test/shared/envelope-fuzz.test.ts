import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toHex } from '../../shared/bytes.ts'
import { decodeEnvelope, encodeEnvelope, type MessageEnvelope } from '../../shared/envelope.ts'
import { MalformedError } from '../../shared/schema.ts'
import { authorFrom, sampleEnvelope } from '../support/author.ts'
import { seededRandom, type SeededRandom } from '../support/seeded-random.ts'

const author = authorFrom(new Uint8Array(32).fill(1))
const original = author.encoded(sampleEnvelope(author.key))

/** The bytes as they are, with a few of them changed, cut out, put in, or repeated. */
function mutated(random: SeededRandom): Uint8Array {
  let bytes = Buffer.from(original)
  const changes = 1 + random.below(4)
  for (let change = 0; change < changes; change++) {
    const at = random.below(bytes.length)
    const length = 1 + random.below(8)
    const noise = Buffer.from(Array.from({ length }, () => random.below(256)))
    switch (random.below(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
        break
      case 1:
        bytes[at] = random.below(256)
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
    }
    if (bytes.length === 0) return bytes
  }
  return bytes
}

function decoded(bytes: Uint8Array): MessageEnvelope | undefined {
  try {
    return decodeEnvelope(bytes)
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw new Error(`it threw something else for ${toHex(bytes)}`, { cause: error })
  }
}

test('any bytes are either an envelope with exactly these bytes or refused as malformed', () => {
  const random = seededRandom()
  let taken = 0
  for (let round = 0; round < 20_000; round++) {
    const bytes = mutated(random)
    const envelope = decoded(bytes)
    if (!envelope) continue
    taken++
    assert.is(toHex(encodeEnvelope(envelope)), toHex(bytes))
  }
  // A flipped bit in a signature or a hash is still an envelope; a run in which none was found tested nothing.
  assert.ok(taken > 100, `${taken} taken`)
  assert.ok(taken < 19_000, `${taken} taken`)
})

test.run()
