import { encode } from '@ipld/dag-cbor'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encodeEnvelope, type UnsignedEnvelope } from '../../shared/envelope.ts'
import { limits } from '../../shared/limits.ts'
import { emptyLogDigest, nextLogDigest } from '../../shared/log-digest.ts'
import {
  encodePeerAnswer,
  encodePeerQuestion,
  type PeerAnswer,
  type PeerAsk,
  type PeerQuestion,
} from '../../shared/peer-questions.ts'
import { authorFrom, sampleEnvelope } from '../support/author.ts'

/*
 * `node test/vectors/generate.ts && npx prettier --write test/vectors` writes the vectors anew. It has no randomness:
 * a version of a format that was released has the same vectors for ever, and a test compares them.
 */

export const seed = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')
const author = authorFrom(seed)
const stranger = authorFrom(new Uint8Array(32).fill(9))
const sample = sampleEnvelope(author.key)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const idOf = (n: number) => sample.id.slice(0, -2) + n.toString(16).padStart(2, '0')

/** A message without anything that is not needed. */
const plain: UnsignedEnvelope = {
  ...sample,
  text: 'a message',
  attachments: [],
  blocks: [],
  deps: [],
  lamport: 1,
}

function logDigest() {
  const texts = ['the first', 'die zweite: Grüße', '第三 👋']
  let digest = emptyLogDigest
  const messages = texts.map((text, n) => {
    const deps = n === 0 ? [] : [idOf(n)]
    const envelope = author.encoded({ ...plain, id: idOf(n + 1), text, deps, lamport: n + 1 })
    digest = nextLogDigest(digest, envelope)
    return { seq: n + 1, envelope: base64(envelope), digest: base64(digest) }
  })
  return {
    description:
      'The log of one channel: its messages in the order of the server as base64 of the signed envelopes, and the digest of the log up to and with each, base64. `empty` is the digest of a log without messages.',
    empty: base64(emptyLogDigest),
    messages,
  }
}

/** One that is refused, by a client that hears it from peers as one of `channel`, and by the server that it is submitted to. */
interface Refused {
  name: string
  envelope?: string
  /** In place of `envelope`: so many bytes of zero. */
  zeroBytes?: number
  /** Null where it is taken. */
  client: string | null
  server: string | null
}

function refused() {
  const signed = author.sign(plain)
  const bytes = Buffer.from(encodeEnvelope(signed))
  const malformed = (name: string, envelope: Uint8Array): Refused => ({
    ...{ name, envelope: base64(envelope), client: 'malformed', server: 'malformed' },
  })
  const changed = (fields: object) => encode({ ...signed, ...fields })
  const { text: _text, ...textless } = signed
  // A map of 12 begins with the key `v`, a text of one character, and the number 1.
  const [first, rest] = [bytes.subarray(0, 1), bytes.subarray(4)]
  const version = (...number: number[]) => Buffer.concat([bytes.subarray(0, 3), Buffer.from(number), rest])
  const notText = Buffer.from(bytes)
  notText[notText.indexOf(plain.text)] = 0xff
  const flipped = signed.sig.map((byte, index) => (index === 0 ? byte ^ 1 : byte))
  const signedBy = (fields: Partial<UnsignedEnvelope>) => base64(author.encoded({ ...plain, ...fields }))

  const envelopes: Refused[] = [
    { name: 'a good one, which is taken', envelope: base64(bytes), client: null, server: null },
    { name: 'no bytes', zeroBytes: 0, client: 'malformed', server: 'malformed' },
    {
      name: 'more bytes than an envelope may have',
      zeroBytes: limits.envelopeBytes + 1,
      client: 'malformed',
      server: 'malformed',
    },
    malformed('a byte after the end', Buffer.concat([bytes, Buffer.from([0])])),
    malformed('not canonical: the integer 1 in two bytes', version(0x18, 1)),
    malformed('not canonical: the integer 1 as a float', version(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0)),
    malformed('not canonical: keys out of order', Buffer.concat([first, rest, bytes.subarray(1, 4)])),
    malformed(
      'not canonical: a map of indefinite length',
      Buffer.concat([Buffer.from([0xbf]), bytes.subarray(1), Buffer.from([0xff])]),
    ),
    malformed('a key twice', Buffer.concat([Buffer.from([0xad]), bytes.subarray(1, 4), bytes.subarray(1)])),
    malformed('text that is not UTF-8', notText),
    malformed('version 2', changed({ v: 2 })),
    malformed('a field too many', changed({ extra: true })),
    malformed('a field too few', encode(textless)),
    malformed('an id that is a UUID of version 4', changed({ id: plain.id.replace('-7', '-4') })),
    malformed('a Lamport time of 0', changed({ lamport: 0 })),
    malformed('empty text', changed({ text: '' })),
    malformed('text over its limit', changed({ text: 'x'.repeat(limits.messageText + 1) })),
    malformed(
      'more dependencies than may be named',
      changed({ deps: Array.from({ length: limits.dependencies + 1 }, (_, n) => idOf(n)) }),
    ),
    malformed('a key of 31 bytes', changed({ key: plain.key.subarray(1) })),
    malformed('a signature of 63 bytes', changed({ sig: signed.sig.subarray(1) })),
    {
      name: 'a signature with one bit flipped',
      envelope: base64(changed({ sig: flipped })),
      client: 'bad-signature',
      server: 'bad-signature',
    },
    {
      name: 'text that was changed after it was signed',
      envelope: base64(changed({ text: 'a massage' })),
      client: 'bad-signature',
      server: 'bad-signature',
    },
    {
      name: "signed with a key that is not the author's",
      envelope: base64(stranger.encoded({ ...plain, key: stranger.key })),
      client: 'unknown-key',
      server: 'unknown-key',
    },
    {
      name: 'of another channel',
      envelope: signedBy({ channel: idOf(0xc0) }),
      client: 'wrong-channel',
      server: 'unknown-channel',
    },
    {
      name: 'a Lamport time too far ahead of all that was confirmed',
      envelope: signedBy({ lamport: 2 ** 40 }),
      client: 'lamport-out-of-range',
      server: 'lamport-out-of-range',
    },
    {
      name: 'a dependency that the server does not have',
      envelope: signedBy({ deps: [idOf(0xd0)] }),
      client: null,
      server: 'missing-dependencies',
    },
  ]
  return {
    description:
      'Envelopes, base64 (or so many bytes of zero), and the code with which each is refused; null where it is taken. `client`: heard from a peer as a message of `channel`, where nothing was confirmed yet. `server`: submitted by `author`, the one member of `channel`, which is the one channel and empty. `key` (base64) is the one key of the author.',
    ...{ channel: plain.channel, author: plain.author, key: base64(author.key), envelopes },
  }
}

/** JSON of a value in which bytes are `{ base64 }`. */
export const readable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, part: unknown) =>
      part instanceof Uint8Array ? { base64: base64(part) } : part,
    ),
  )

function peerQuestions() {
  const { channel } = plain
  const asked = (name: string, question: PeerQuestion) => ({
    ...{ name, question: readable(question), bytes: base64(encodePeerQuestion(question)) },
  })
  const answered = <A extends PeerAsk>(name: string, ask: A, answer: PeerAnswer<A>) => ({
    ...{ name, ask, answer: readable(answer), bytes: base64(encodePeerAnswer(ask, answer)) },
  })
  const envelope = author.encoded(plain)
  const [before, digest] = [emptyLogDigest, new Uint8Array(nextLogDigest(emptyLogDigest, envelope))]
  const bad = (name: string, value: unknown) => ({ name, bytes: base64(encode(value)) })
  return {
    description:
      'Questions and answers of /united/ask/1.0.0 as values (bytes as { base64 }) and as base64 of their canonical DAG-CBOR, and questions that are refused as malformed.',
    questions: [
      asked('what is held, and two digests', { ask: 'digests', channel, seqs: [1, 300] }),
      asked('what is held, and nothing more', { ask: 'digests', channel, seqs: [] }),
      asked('the page that ends below a place', { ask: 'history', channel, before: 2 }),
      asked('what was said after a place', { ask: 'news', channel, after: 0 }),
    ],
    answers: [
      answered('two ranges and a digest', 'digests', {
        held: [
          { from: 1, to: 7 },
          { from: 12, to: 300 },
        ],
        digests: [{ seq: 1, digest }],
      }),
      answered('a page with the first message', 'history', {
        before,
        messages: [{ seq: 1, envelope, digest, at: 1_700_000_000_000 }],
      }),
      answered('no page', 'history', { before, messages: [] }),
      answered('one message', 'news', { envelopes: [envelope] }),
    ],
    refused: [
      bad('an unknown question', { ask: 'everything', channel }),
      bad('a place of 0', { ask: 'history', channel, before: 0 }),
      bad('a place that is no integer', { ask: 'history', channel, before: 1.5 }),
      bad('a field too many', { ask: 'news', channel, after: 0, extra: true }),
      bad('more places than may be asked for', {
        ...{
          ask: 'digests',
          channel,
          seqs: Array.from({ length: limits.digestsAtOnce + 1 }, (_, n) => n + 1),
        },
      }),
      bad('more bytes than a question may have', new Uint8Array(limits.peerQuestionBytes)),
    ],
  }
}

/** What each file holds. */
export const vectors = {
  'log-digest-v1.json': logDigest(),
  'refused-v1.json': refused(),
  'peer-questions-v1.json': peerQuestions(),
}

export const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
export const read = (name: string): unknown => JSON.parse(readFileSync(fileOf(name), 'utf8'))

if (import.meta.main)
  for (const [name, content] of Object.entries(vectors))
    writeFileSync(fileOf(name), JSON.stringify(content, undefined, 2))
