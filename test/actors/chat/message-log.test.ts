import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { migrations } from '../../../actors/chat/layout.ts'
import { HeldRanges } from '../../../actors/chat/held-ranges.ts'
import { MessageLog } from '../../../actors/chat/message-log.ts'
import { signedBytes, type MessageEnvelope, type UnsignedEnvelope } from '../../../shared/envelope.ts'
import { openDatabase } from '../../../shared/store/database.ts'
import { authorFrom } from '../../support/author.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const logs = suite('the log')
const folder = temporaryFolder()
const database = openDatabase({ path: join(folder.path, 'chat.db'), migrations })
const self = { id: uuidv7(), name: 'alice' }
const log = new MessageLog(database, self, new HeldRanges(database))
const mallory = authorFrom(new Uint8Array(32).fill(1))
const channel = uuidv7()
database
  .prepare(
    `INSERT INTO channels (id, name, topic, created_by, member, members, head) VALUES (?, 'a', '', ?, 1, 1, 0)`,
  )
  .run(channel, self.id)

/** As the chat actor does with what the inbox has verified. */
const receive = (envelope: MessageEnvelope, seq?: number) =>
  log.receive(channel, [
    {
      envelope,
      place: seq === undefined ? null : { seq, digest: new Uint8Array(32).fill(seq), at: 1 },
      by: 'p2p',
    },
  ])
const write = (fields: Partial<UnsignedEnvelope> = {}): UnsignedEnvelope => ({
  ...{ v: 1, id: uuidv7(), author: uuidv7(), key: mallory.key, channel, text: 'a message' },
  ...{ attachments: [], blocks: [], lamport: 1, deps: [], at: 1 },
  ...fields,
})

logs('has under an id what the server gave a place, not what a peer said first under the same id', () => {
  const first = mallory.sign(write({ text: 'said to this peer alone' }))
  const second = mallory.sign({ ...first, text: 'said to everybody' })
  receive(first)
  receive(second, 1)
  const view = log.view(first.id)
  assert.equal([view?.text, view?.seq], ['said to everybody', 1])
  assert.ok(log.holds(second))
  assert.equal(receive(first), [])
  assert.is(log.view(first.id)?.text, 'said to everybody')
})

logs('can be written to also after a peer claimed the last Lamport time there is', () => {
  assert.throws(
    () => receive(mallory.sign(write({ lamport: Number.MAX_SAFE_INTEGER }))),
    (error: { code?: string }) => error.code === 'lamport-out-of-range',
  )
  const mine = log.compose(uuidv7(), channel, 'can I still write?', mallory.key)
  assert.ok(Number.isSafeInteger(mine.lamport))
  signedBytes(mine)
})

logs('counts on from the highest Lamport time that it has seen, and names what nothing answered yet', () => {
  const heard = mallory.sign(write({ lamport: 500 }))
  receive(heard, 2)
  const mine = log.compose(uuidv7(), channel, 'an answer', mallory.key)
  assert.ok(mine.lamport > 500)
  assert.ok(mine.deps.includes(heard.id))
  log.write(mine)
  assert.equal(log.compose(uuidv7(), channel, 'another', mallory.key).deps, [mine.id])
})

logs('never depends on what somebody else said and the server has not taken', () => {
  const stranger = mallory.sign(write({ lamport: 600 }))
  receive(stranger)
  const mine = log.compose(uuidv7(), channel, 'unmoved', mallory.key)
  assert.ok(mine.lamport > 600)
  assert.not.ok(mine.deps.includes(stranger.id))
})

logs('goes on under a new id with a text of ours whose id the server gave to somebody else', () => {
  const mine = log.compose(uuidv7(), channel, 'my own words', mallory.key)
  log.write(mine)
  const stolen = mallory.sign(write({ id: mine.id, text: 'not my words', lamport: 601 }))
  const [changed, again = ''] = receive(stolen, 3)
  assert.is(changed, mine.id)
  assert.is(log.view(mine.id)?.text, 'not my words')
  assert.equal([log.view(again)?.text, log.view(again)?.state], ['my own words', 'waiting'])
  assert.ok(log.isInOutbox(again))
  assert.not.ok(log.isInOutbox(mine.id))
})

logs.after(() => {
  database.close()
  folder.remove()
})
logs.run()
