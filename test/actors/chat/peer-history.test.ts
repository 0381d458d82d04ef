import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { ChannelList } from '../../../actors/chat/channel-list.ts'
import { Directory } from '../../../actors/chat/directory.ts'
import { HeldRanges } from '../../../actors/chat/held-ranges.ts'
import { Inbox } from '../../../actors/chat/inbox.ts'
import { migrations } from '../../../actors/chat/layout.ts'
import { LogSync } from '../../../actors/chat/log-sync.ts'
import { MessageLog, type Arrival } from '../../../actors/chat/message-log.ts'
import { PeerLogs } from '../../../actors/chat/peer-logs.ts'
import type { cryptoContract } from '../../../actors/crypto/contract.ts'
import { Offline } from '../../../actors/link/errors.ts'
import type { linkContract } from '../../../actors/link/contract.ts'
import type { p2pContract } from '../../../actors/p2p/contract.ts'
import { PeerRefused } from '../../../actors/p2p/errors.ts'
import { encodeEnvelope } from '../../../shared/envelope.ts'
import { emptyLogDigest, nextLogDigest } from '../../../shared/log-digest.ts'
import {
  decodePeerAnswer,
  decodePeerQuestion,
  encodePeerAnswer,
  type PeerAnswer,
} from '../../../shared/peer-questions.ts'
import { isSignedBy, type Signed } from '../../../shared/signature.ts'
import { openDatabase } from '../../../shared/store/database.ts'
import type { ActorRef } from '../../../supervisor/runtime/actor-side.ts'
import { authorFrom } from '../../support/author.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/* The server is away: what is here proves what a peer tells of the log below it, or does not. */
const proofs = suite('history from peers')
const folder = temporaryFolder()
const [channel, account] = [uuidv7(), { id: uuidv7(), name: 'alice' }]
const author = authorFrom(new Uint8Array(32).fill(1))
const count = 450

/** The log as the server gave it. */
const arrivals: Arrival[] = []
let digest: Uint8Array = emptyLogDigest
for (let seq = 1; seq <= count; seq++) {
  const envelope = author.sign({
    ...{ v: 1, id: uuidv7(), author: account.id, key: author.key, channel, text: `message ${seq}` },
    ...{ attachments: [], blocks: [], lamport: seq, deps: [], at: 1 },
  })
  digest = nextLogDigest(digest, encodeEnvelope(envelope))
  arrivals.push({ envelope, place: { seq, digest, at: seq }, by: 'link' })
}

/** As much of an actor as is called here. */
const actor = <C>(call: object) => ({ call, with: () => call }) as unknown as ActorRef<C>
const offline = async () => Promise.reject(new Offline('the server'))

type Tamper = (page: PeerAnswer<'history'>) => PeerAnswer<'history'>
const honest: Tamper = (page) => page

function device(name: string) {
  const database = openDatabase({ path: join(folder.path, `${name}.db`), migrations })
  const held = new HeldRanges(database)
  const channels = new ChannelList(database, uuidv7(), held)
  channels.keep({
    ...{ id: channel, name: 'general', topic: '', createdBy: account.id },
    ...{ member: true, members: 2, head: count },
  })
  const directory = new Directory(database, { lookup: offline, changed: () => {} })
  directory.keepOwn(account, author.key)
  return { held, channels, directory, log: new MessageLog(database, { id: uuidv7(), name }, held) }
}

const alice = device('alice')
alice.log.receive(channel, arrivals)
const hers = new PeerLogs({
  ...alice,
  p2p: actor<typeof p2pContract>({}),
  sharesChannel: (peer, where) => peer === 'bob' && where === channel,
})

let devices = 0
/** Somebody who has the last fifty messages, and a peer who answers as `tamper` says. */
function bobWith(tamper: Tamper, peer = 'bob') {
  const bob = device(`bob ${devices++}`)
  bob.log.receive(channel, arrivals.slice(400))
  const ask = async ({ request }: { request: Uint8Array }) => {
    const question = decodePeerQuestion(request)
    const answer = hers.answer(peer, request)
    if (!answer) throw new PeerRefused('alice')
    if (question.ask !== 'history') return answer
    return encodePeerAnswer('history', tamper(decodePeerAnswer('history', answer)))
  }
  const p2p = actor<typeof p2pContract>({ ask })
  const logs = new PeerLogs({ ...bob, p2p, sharesChannel: () => true })
  const verifyAll = async (page: Signed[]) => page.map(isSignedBy)
  const inbox = new Inbox({ ...bob, crypto: actor<typeof cryptoContract>({ verifyAll }) })
  const sync = new LogSync({
    ...bob,
    ...{ inbox, logs, link: actor<typeof linkContract>({ history: offline, digests: offline }) },
    ...{ peers: () => [{ peer: 'alice', account }], changed: () => {}, differs: () => {}, putBack: () => {} },
  })
  return { ...bob, sync, logs }
}

proofs('is taken down to the first message where the digests prove it', async () => {
  const { sync, held, log } = bobWith(honest)
  void sync.history.complete(channel)
  await eventually('all is here', () => held.of(channel)[0]?.from === 1)
  assert.equal(held.of(channel), [{ from: 1, to: count }])
  assert.equal(
    log.range(channel, { from: 1, to: 3 }).map(({ text }) => text),
    ['message 1', 'message 2', 'message 3'],
  )
  sync.history.stop()
})

const lies: Record<string, Tamper> = {
  'two messages in another order': ({ before, messages }) => {
    const [a, b, ...rest] = messages
    if (!a || !b) throw new Error('a page of two at least')
    return { before, messages: [{ ...b, seq: a.seq }, { ...a, seq: b.seq }, ...rest] }
  },
  'one message left out': ({ before, messages }) => ({
    before,
    messages: messages.slice(1).map((message) => ({ ...message, seq: message.seq - 1 })),
  }),
  'a message that its author signed and the server never took': ({ before, messages }) => {
    const [first, ...rest] = messages
    const other = arrivals[420]
    if (!first || !other) throw new Error('a page of one at least')
    return { before, messages: [{ ...first, envelope: encodeEnvelope(other.envelope) }, ...rest] }
  },
  'digests that fit together, of another log': ({ messages }) => {
    const before = new Uint8Array(32).fill(9)
    let made: Uint8Array = before
    return {
      before,
      messages: messages.map((message) => {
        made = nextLogDigest(made, message.envelope)
        return { ...message, digest: new Uint8Array(made) }
      }),
    }
  },
  'the right messages with other digests': ({ before, messages }) => ({
    before,
    messages: messages.map((message) => ({ ...message, digest: new Uint8Array(32).fill(9) })),
  }),
  'a page that ends too early': ({ before, messages }) => ({ before, messages: messages.slice(0, -1) }),
  'bytes that are no envelope': ({ before, messages }) => ({
    before,
    messages: messages.map((message) => ({ ...message, envelope: new Uint8Array([1, 2, 3]) })),
  }),
}
for (const [what, tamper] of Object.entries(lies)) {
  proofs(`is not taken: ${what}`, async () => {
    let asked = 0
    const { sync, held } = bobWith((page) => {
      asked++
      return tamper(page)
    })
    await sync.history.complete(channel)
    assert.is(asked, 1)
    assert.equal(held.of(channel), [{ from: 401, to: count }])
    sync.history.stop()
  })
}

proofs('is told to nobody whom the server has not introduced in the channel', async () => {
  const { sync, held } = bobWith(honest, 'mallory')
  await sync.history.complete(channel)
  assert.equal(held.of(channel), [{ from: 401, to: count }])
  sync.history.stop()
})

proofs('is compared place by place where logs differ, and the first difference is found', async () => {
  const { logs, log, held } = bobWith(honest)
  assert.equal(await logs.compare('alice', channel), { result: 'agrees', firstDifference: null })
  const other = arrivals[430]
  assert.ok(other?.place)
  log.unconfirm(channel, 431)
  let made: Uint8Array = new Uint8Array(32).fill(3)
  const changed = arrivals.slice(430).map((arrival, index) => {
    made = nextLogDigest(made, encodeEnvelope(arrival.envelope))
    return { ...arrival, place: { seq: 431 + index, digest: made, at: 1 } }
  })
  log.receive(channel, changed)
  assert.equal(held.of(channel), [{ from: 401, to: count }])
  assert.equal(await logs.compare('alice', channel), { result: 'differs', firstDifference: 431 })
})

proofs.after(() => folder.remove())
proofs.run()
