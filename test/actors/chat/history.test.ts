import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import type { MessageView } from '../../../shared/bridge.ts'
import { eventually } from '../../support/eventually.ts'
import { startWorld, type Person } from '../../support/world.ts'

const history = suite('history')
const count = 450
const world = await startWorld()
const alice = await world.join('alice')
await alice.online()
const { id: channel } = await alice.chat.call.createChannel({ name: 'general', topic: '' })
const texts = Array.from({ length: count }, (_, index) => `message number ${index + 1}`)
for (let start = 0; start < count; start += 50)
  await Promise.all(texts.slice(start, start + 50).map((text) => alice.say(channel, text)))

const channelOf = async (person: Person) =>
  (await person.chat.call.channels()).find((view) => view.id === channel)
const complete = (person: Person, head: number) =>
  eventually(`${head} messages are here`, async () => {
    const view = await channelOf(person)
    const all = head === 0 ? [] : [{ from: 1, to: head }]
    return view?.head === head && isDeepStrictEqual(view.held, all) && view.pending === 0
  })
await complete(alice, count)

history('is in the order of the server’s places, whatever part of it is asked for', async () => {
  for (const [from, to] of [
    [1, 200],
    [201, 400],
    [7, 7],
    [440, 600],
  ] as const) {
    const messages = await alice.chat.call.range({ channel, from, to })
    const expected = Array.from({ length: Math.min(to, count) - from + 1 }, (_, index) => from + index)
    assert.equal(
      messages.map(({ seq }) => seq),
      expected,
    )
  }
})

history('keeps what one person says in the order in which it was said', async () => {
  assert.equal(
    (await alice.log(channel)).map(({ text }) => text),
    texts,
  )
})

history('is all there for somebody who joins later', async () => {
  const bob = await world.join('bob')
  await bob.online()
  await bob.chat.call.joinChannel(channel)
  await complete(bob, count)
  const [hers, his] = [await alice.log(channel), await bob.log(channel)]
  const facts = (messages: MessageView[]) => messages.map(({ mine: _mine, ...rest }) => rest)
  assert.equal(facts(his), facts(hers))
  assert.is(
    his.some(({ mine }) => mine),
    false,
  )
  assert.equal(new Set(his.map(({ author }) => author.name)), new Set(['alice']))
})

history('of a channel with nothing in it, or of none, is empty', async () => {
  const { id } = await alice.chat.call.createChannel({ name: 'quiet', topic: '' })
  for (const where of [id, uuidv7()]) {
    assert.equal(await alice.chat.call.range({ channel: where, from: 1, to: 10 }), [])
    assert.equal(await alice.chat.call.pending(where), [])
  }
})

history('shows what is not confirmed last', async () => {
  const { supervisor } = alice.desktop
  await alice.desktop.session.logout()
  await alice.desktop.session.login('alice', 'the password of alice')
  await complete(alice, count)
  await world.server?.stop()
  for (const text of ['first', 'second', 'third']) await alice.say(channel, text)
  assert.ok(supervisor.children.every(({ state }) => state === 'running'))
  const all = await alice.log(channel)
  assert.is(all.length, count + 3)
  assert.equal(
    all.slice(-4).map(({ seq, text }) => [seq, text]),
    [
      [count, texts.at(-1)],
      [null, 'first'],
      [null, 'second'],
      [null, 'third'],
    ],
  )
})

history('cannot be read on the disk without the key', () => {
  const profiles = join(world.dataFolder, 'profiles')
  const files = readdirSync(profiles, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  )
  assert.ok(files.some(({ name }) => name === 'chat.db'))
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name))
    for (const plain of ['message number', 'SQLite format 3', 'CREATE TABLE'])
      assert.not(bytes.includes(plain), `${file.name} holds "${plain}"`)
  }
})

history.after(() => world.stop())
history.run()
