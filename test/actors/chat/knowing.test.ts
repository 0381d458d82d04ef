import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Desktop } from '../../../supervisor/desktop.ts'
import { eventually } from '../../support/eventually.ts'
import { Person, startWorld } from '../../support/world.ts'

/* What a desktop knows of messages and of people beside what was said. */
const knowing = suite('the chat actor knows')
const world = await startWorld()
const [alice, bob] = [await world.join('alice'), await world.join('bob')]
const { id: channel } = await world.meet([alice, bob])
const view = async (person: Person) => {
  const found = (await person.chat.call.channels()).find(({ id }) => id === channel)
  if (!found) throw new Error('the channel is not there')
  return found
}

knowing('when what happened to a message, and who did it', async () => {
  const before = Date.now()
  const id = await alice.say(channel, 'where are you now?')
  await alice.confirmed(channel, 1)
  await bob.confirmed(channel, 1)
  const shownAt = Date.now()
  for (const person of [alice, bob]) await person.chat.call.shown({ ids: [id], at: shownAt })
  // The window may say it again; the first time counts.
  await bob.chat.call.shown({ ids: [id], at: shownAt + 5_000 })

  const hers = await eventually('it is told that a peer has it', async () => {
    const steps = await alice.chat.call.trace(id)
    return steps.some(({ stage }) => stage === 'gossiped') && steps
  })
  assert.equal(
    hers.map(({ stage, actor }) => [stage, actor]),
    [
      ['written', 'chat'],
      ['signed', 'crypto'],
      ['gossiped', 'p2p'],
      ['sequenced', 'server'],
      ['confirmed', 'link'],
      ['shown', 'window'],
    ],
  )
  const his = await bob.chat.call.trace(id)
  assert.equal(
    his.map(({ stage }) => stage),
    ['written', 'received', 'sequenced', 'confirmed', 'shown'],
  )
  assert.is(his[0]?.actor, 'author')
  assert.ok(['p2p', 'link'].includes(his[1]?.actor ?? ''))
  for (const steps of [hers, his]) {
    for (const { at } of steps) assert.ok(at >= before && at <= Date.now())
    assert.is(steps.at(-1)?.at, shownAt)
  }
  const times = await alice.chat.call.deliveryTimes()
  assert.ok(times.some(({ from, to, count }) => from === 'written' && to === 'confirmed' && count === 1))
  assert.ok(
    !(await bob.chat.call.deliveryTimes()).some(({ from }) => from === 'written'),
    'another clock is not ours',
  )
})

knowing('what was not read yet: what others said since, and never what one said oneself', async () => {
  assert.equal([(await view(bob)).read, (await view(bob)).unread], [0, 1])
  for (const text of ['two', 'three']) await alice.say(channel, text)
  await bob.say(channel, 'four')
  for (const person of [alice, bob]) await person.confirmed(channel, 4)
  assert.is((await view(bob)).unread, 3)
  assert.is((await view(alice)).unread, 1)
  await bob.chat.call.read({ channel, seq: 2 })
  const place = (await bob.log(channel)).find(({ text }) => text === 'four')?.seq ?? 0
  assert.is((await view(bob)).unread, place > 2 ? 1 : 2)
  await bob.chat.call.read({ channel, seq: 1 })
  assert.is((await view(bob)).read, 2, 'the marker never goes back')
  await bob.chat.call.read({ channel, seq: 99 })
  assert.equal([(await view(bob)).read, (await view(bob)).unread], [4, 0])
})

knowing('that who joins later has read what was said before', async () => {
  const carol = await world.join('carol')
  await carol.online()
  await carol.chat.call.joinChannel(channel)
  await carol.confirmed(channel, 4)
  assert.is((await view(carol)).unread, 0)
  await alice.say(channel, 'welcome')
  await eventually('one is new', async () => (await view(carol)).unread === 1)
})

knowing('what was said at a time', async () => {
  const [first, second] = await alice.log(channel)
  assert.ok(first && second)
  const sequencedAt = async (id: string) =>
    (await alice.chat.call.trace(id)).find(({ stage }) => stage === 'sequenced')?.at ?? 0
  const at = await sequencedAt(second.id)
  const { seq } = await alice.chat.call.at({ channel, at })
  assert.ok(seq !== null && seq <= 2 && (seq === 2 || (await sequencedAt(first.id)) === at))
  assert.equal(await alice.chat.call.at({ channel, at: 0 }), { seq: 1 })
  assert.equal(await alice.chat.call.at({ channel, at: Date.now() + 60_000 }), { seq: null })
})

knowing('when somebody signs with a key that they did not have before', async () => {
  assert.equal(await bob.chat.call.keyChanges(), [])
  const told: number[] = []
  bob.chat.on('keyChanges', (changes) => told.push(changes.length))
  const desktop = new Desktop({
    ...{ dataFolder: join(world.dataFolder, 'second'), profile: 'alice', server: world.serverUrl },
  })
  await desktop.start()
  await desktop.session.login('alice', 'the password of alice')
  const second = new Person(desktop)
  await second.online()
  const id = await second.say(channel, 'this is my new computer')
  const seen = await eventually('bob sees it', () => bob.shown.get(id))
  assert.ok(seen.newKey, 'it stands out')
  assert.ok((await bob.log(channel)).every((message) => message.newKey === (message.id === id)))
  const [change] = await bob.chat.call.keyChanges()
  assert.is(change?.account.name, 'alice')
  await eventually('he is told', () => told.at(-1) === 1)

  await bob.chat.call.acceptKey({ account: change?.account.id ?? '', key: change?.key ?? '' })
  assert.equal(await bob.chat.call.keyChanges(), [])
  assert.ok((await bob.log(channel)).every(({ newKey }) => !newKey))
  await eventually('he is told', () => told.at(-1) === 0)
  await desktop.stop()
})

knowing.after(() => world.stop())
knowing.run()
