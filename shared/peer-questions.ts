import { decode, encode } from '@ipld/dag-cbor'
import Type, { type Static, type TSchema } from 'typebox'
import { Bytes } from './bytes.ts'
import { errorMessage } from './errors.ts'
import { ChannelId } from './ids.ts'
import { limits } from './limits.ts'
import { digestBytes } from './log-digest.ts'
import { MalformedError, checker } from './schema.ts'

/*
 * What desktops ask each other about a channel's log, as canonical DAG-CBOR over `/united/ask/1.0.0`. Nothing of it is
 * believed: digests are compared, pages are proven by the digest above them, and every envelope is signed.
 */

const closed = { additionalProperties: false } as const
const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const Digest = Bytes(digestBytes)
const Envelope = Bytes(1, limits.envelopeBytes)

export const PeerQuestion = Type.Union([
  /** What do you hold of it, and what are its digests at these places? */
  Type.Object(
    {
      ask: Type.Literal('digests'),
      channel: ChannelId,
      seqs: Type.Array(Seq, { maxItems: limits.digestsAtOnce }),
    },
    closed,
  ),
  /** The messages that end right below this place. */
  Type.Object({ ask: Type.Literal('history'), channel: ChannelId, before: Seq }, closed),
  /** What was said after this place, whether the server has given it one or not. */
  Type.Object(
    {
      ask: Type.Literal('news'),
      channel: ChannelId,
      after: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    },
    closed,
  ),
])
export type PeerQuestion = Static<typeof PeerQuestion>

const answers = {
  /** `digests` are at the places that were asked for, as far as they are held. */
  digests: Type.Object(
    {
      held: Type.Array(Type.Object({ from: Seq, to: Seq }, closed), { maxItems: 1_000 }),
      digests: Type.Array(Type.Object({ seq: Seq, digest: Digest }, closed), {
        maxItems: limits.digestsAtOnce,
      }),
    },
    closed,
  ),
  /** Ascending and without a gap, up to the place below the one that was asked for; `before` is the digest below the first. */
  history: Type.Object(
    {
      before: Digest,
      messages: Type.Array(
        Type.Object(
          {
            seq: Seq,
            envelope: Envelope,
            digest: Digest,
            at: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
          },
          closed,
        ),
        { maxItems: limits.historyPage },
      ),
    },
    closed,
  ),
  news: Type.Object({ envelopes: Type.Array(Envelope, { maxItems: limits.historyPage }) }, closed),
} as const
export type PeerAsk = PeerQuestion['ask']
export type PeerAnswer<A extends PeerAsk> = Static<(typeof answers)[A]>

const questions = checker('a peer’s question', PeerQuestion)
const checkers = {
  digests: checker('a peer’s answer', answers.digests),
  history: checker('a peer’s answer', answers.history),
  news: checker('a peer’s answer', answers.news),
} as const

export function encodePeerQuestion(question: PeerQuestion): Uint8Array {
  return encode(question)
}

/** @throws MalformedError */
export function decodePeerQuestion(bytes: Uint8Array): PeerQuestion {
  const what = 'a peer’s question'
  // Decoding a megabyte of small numbers takes longer than anything that is asked for.
  if (bytes.byteLength > limits.peerQuestionBytes)
    throw new MalformedError(what, `it has ${bytes.byteLength} bytes, over ${limits.peerQuestionBytes}`)
  return questions.check(read(what, bytes))
}

export function encodePeerAnswer<A extends PeerAsk>(_ask: A, answer: PeerAnswer<A>): Uint8Array {
  return encode(answer)
}

/** @throws MalformedError */
export function decodePeerAnswer<A extends PeerAsk>(ask: A, bytes: Uint8Array): PeerAnswer<A> {
  const answer: { check(value: unknown): unknown } = checkers[ask]
  return answer.check(read('a peer’s answer', bytes)) as PeerAnswer<A>
}

function read(what: string, bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (cause) {
    throw new MalformedError(what, errorMessage(cause), { cause })
  }
}

/** The schemas, for whoever documents them. */
export const peerAnswers: Readonly<Record<PeerAsk, TSchema>> = answers
