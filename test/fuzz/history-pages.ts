import { Directory } from '../../actors/chat/directory.ts'
import { HeldRanges } from '../../actors/chat/held-ranges.ts'
import { Inbox } from '../../actors/chat/inbox.ts'
import { migrations } from '../../actors/chat/layout.ts'
import { fits, isProven, requireUnbroken } from '../../actors/chat/log-check.ts'
import { MessageLog } from '../../actors/chat/message-log.ts'
import type { cryptoContract } from '../../actors/crypto/contract.ts'
import { controlRequests, type Sequenced } from '../../shared/control.ts'
import { encodeEnvelope, type UnsignedEnvelope } from '../../shared/envelope.ts'
import { emptyLogDigest, nextLogDigest } from '../../shared/log-digest.ts'
import { checker } from '../../shared/schema.ts'
import { isSignedBy } from '../../shared/signature.ts'
import { openDatabase } from '../../shared/store/database.ts'
import { FakeRef } from '../simulation/fake-ref.ts'
import { authorFrom, sampleEnvelope } from '../support/author.ts'
import type { SeededRandom } from '../support/seeded-random.ts'
import { Unsound, parsed, requireSound, takesLater } from './judge.ts'
import { jsonLike } from './mutations.ts'
import type { Target } from './target.ts'

/** As many messages are here; a page goes on after them or repeats some. */
const here = 6
const inAll = 12

const author = authorFrom(new Uint8Array(32).fill(1))
const { deps: _deps, ...sample } = sampleEnvelope(author.key)
const answers = checker('the answer', controlRequests['message.history'].result)

/** The whole log of a channel, as its server tells it. */
function wholeLog(): Sequenced[] {
  let digest = emptyLogDigest
  return Array.from({ length: inAll }, (_, n) => {
    const unsigned: UnsignedEnvelope = {
      ...{ ...sample, attachments: [], blocks: [], deps: [], lamport: n + 1 },
      id: sample.id.slice(0, -2) + (n + 10).toString(),
    }
    const envelope = encodeEnvelope(author.sign(unsigned))
    digest = nextLogDigest(digest, envelope)
    const told = {
      envelope: Buffer.from(envelope).toString('base64'),
      digest: Buffer.from(digest).toString('base64'),
    }
    return { channel: sample.channel, seq: n + 1, ...told, at: n }
  })
}

const whole = wholeLog()

/** The page with one part of a message exchanged for that of another, so that each by itself is sound. */
function mixedUp(page: readonly Sequenced[], random: SeededRandom): Sequenced[] {
  const other = whole[random.below(inAll)]
  const part = (['seq', 'envelope', 'digest'] as const)[random.below(3)]
  const at = random.below(page.length)
  return page.map((message, index) =>
    index === at && other && part ? { ...message, [part]: other[part] } : message,
  )
}

/** Pages of history as chat takes them: decoded, proven, unbroken, and part of the same log as what is here. */
export function historyPages(): Target {
  const database = openDatabase({ path: ':memory:', migrations })
  const log = new MessageLog(database, { id: sample.author, name: 'ann' }, new HeldRanges(database))
  const directory = new Directory(database, { lookup: async () => [], changed: () => {} })
  directory.keepOwn({ id: sample.author, name: 'ann' }, author.key)
  const crypto = new FakeRef<typeof cryptoContract>('crypto', () => ({
    verifyAll: async (page) => page.map(isSignedBy),
  }))
  const inbox = new Inbox({ log, directory, crypto: crypto.ref })
  database
    .prepare(
      `INSERT INTO channels (id, name, topic, created_by, member, members, head) VALUES (?, 'a', '', ?, 1, 1, 0)`,
    )
    .run(sample.channel, sample.author)
  const right = new Map(whole.map(({ seq, envelope, digest }) => [seq, `${envelope} ${digest}`]))
  const kept = inbox.read(sample.channel, whole.slice(0, here)).then((placed) =>
    log.receive(
      sample.channel,
      placed.map(({ envelope, place }) => ({ envelope, place, by: 'link' })),
    ),
  )
  return {
    name: 'pages of history',
    share: 3,
    next(random) {
      const from = random.below(inAll - 3)
      const page = whole.slice(from, from + 1 + random.below(4))
      const messages = random.below(3) === 0 ? mixedUp(page, random) : page
      const text = jsonLike(random, { messages, head: inAll })
      return () =>
        takesLater(async () => {
          await kept
          const { messages } = requireSound(answers.check(parsed(text)))
          const placed = await inbox.read(sample.channel, messages)
          requireUnbroken(placed)
          isProven(log, sample.channel, emptyLogDigest, placed)
          if (!fits(log, sample.channel, placed)) return
          for (const { bytes, place } of placed) {
            const told = `${Buffer.from(bytes).toString('base64')} ${Buffer.from(place.digest).toString('base64')}`
            const touches = place.seq <= here + 1
            if (touches && told !== right.get(place.seq))
              throw new Unsound(`another log fits at ${place.seq}`)
          }
        })
    },
    stop: () => void database.close(),
  }
}
