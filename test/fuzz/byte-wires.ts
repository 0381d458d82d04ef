import { encode } from '@ipld/dag-cbor'
import { likelyId, signedPart } from '../../shared/envelope-layout.ts'
import { decodeEnvelope, encodeEnvelope, signedBytes } from '../../shared/envelope.ts'
import { gossipMessageId, isGossipOf } from '../../shared/gossip.ts'
import {
  decodePeerAnswer,
  decodePeerQuestion,
  encodePeerAnswer,
  encodePeerQuestion,
  type PeerAsk,
  type PeerQuestion,
} from '../../shared/peer-questions.ts'
import { prove } from '../../server/actors/sequencer/proof.ts'
import { authorFrom, sampleEnvelope } from '../support/author.ts'
import type { SeededRandom } from '../support/seeded-random.ts'
import { Unsound, requireSound, takes } from './judge.ts'
import { mutatedBytes, mutatedValue } from './mutations.ts'
import type { Target } from './target.ts'

const author = authorFrom(new Uint8Array(32).fill(1))
const sample = sampleEnvelope(author.key)
const signed = author.sign(sample)
const envelope = encodeEnvelope(signed)

/** CBOR of a value that is as it was agreed, or almost, or bytes that hardly are CBOR any more. */
function cborLike(random: SeededRandom, valid: unknown): Uint8Array {
  const value = random.below(3) === 0 ? mutatedValue(random, valid) : valid
  const bytes = encodable(value) ?? encode(valid)
  return random.below(3) > 0 ? mutatedBytes(random, bytes) : bytes
}

function encodable(value: unknown): Uint8Array | undefined {
  try {
    return encode(value)
  } catch {
    // Lone surrogates and fractions out of range have no DAG-CBOR; the bytes are mutated as well.
    return undefined
  }
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

const envelopes: Target = {
  name: 'envelopes',
  share: 6,
  next(random) {
    const bytes = cborLike(random, signed)
    return () => {
      likelyId(bytes)
      const proof = prove(bytes)
      const taken = takes(() => {
        const read = requireSound(decodeEnvelope(bytes))
        if (!same(encodeEnvelope(read), bytes)) throw new Unsound('it has a second encoding')
        if (!same(signedPart(bytes), signedBytes(read))) throw new Unsound('another part was signed')
        if (likelyId(bytes) !== read.id) throw new Unsound('its id is elsewhere')
      })
      if ('proven' in proof && !same(bytes, envelope)) throw new Unsound('a forged message was proven')
      if (taken === ('refused' in proof && proof.refused === 'malformed'))
        throw new Unsound('the sequencer and the others do not agree on what an envelope is')
      return taken
    }
  },
}

const gossip: Target = {
  name: 'gossip',
  share: 3,
  next(random) {
    const bytes = cborLike(random, signed)
    return () => {
      gossipMessageId({ data: bytes })
      return isGossipOf(sample.channel, bytes)
    }
  },
}

const questions: PeerQuestion[] = [
  { ask: 'digests', channel: sample.channel, seqs: [1, 2, 3] },
  { ask: 'history', channel: sample.channel, before: 8 },
  { ask: 'news', channel: sample.channel, after: 8 },
]
const digest = new Uint8Array(32).fill(3)
const answers: [PeerAsk, Uint8Array, unknown][] = [
  ['digests', encodePeerAnswer('digests', { held: [{ from: 1, to: 9 }], digests: [{ seq: 3, digest }] }), 0],
  [
    'history',
    encodePeerAnswer('history', { before: digest, messages: [{ seq: 7, envelope, digest, at: 1 }] }),
    0,
  ],
  ['news', encodePeerAnswer('news', { envelopes: [envelope] }), 0],
]

const peerQuestions: Target = {
  name: "peers' questions",
  share: 3,
  next(random) {
    const bytes = cborLike(random, questions[random.below(questions.length)])
    return () =>
      takes(() => {
        const read = requireSound(decodePeerQuestion(bytes))
        if (!same(encodePeerQuestion(decodePeerQuestion(encodePeerQuestion(read))), encodePeerQuestion(read)))
          throw new Unsound('it changes when it is passed on')
      })
  },
}

const peerAnswers: Target = {
  name: "peers' answers",
  share: 3,
  next(random) {
    const [ask, valid] = answers[random.below(answers.length)] ?? ['news', envelope]
    const bytes = mutatedBytes(random, valid)
    return () => takes(() => requireSound(decodePeerAnswer(ask, bytes)))
  },
}

/** Everything that comes as DAG-CBOR. */
export const byteWires: readonly Target[] = [envelopes, gossip, peerQuestions, peerAnswers]
