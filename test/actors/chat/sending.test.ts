import Database from 'better-sqlite3'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { linkContract } from '../../../actors/link/contract.ts'
import type { MessageView } from '../../../shared/bridge.ts'
import { killAndWait } from '../../support/crypto-actor.ts'
import { eventually } from '../../support/eventually.ts'
import { rejection } from '../../support/rejection.ts'
import { startServerProgram } from '../../support/server-program.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startPerson, type Person } from '../../support/world.ts'

const sending = suite('a message')
const folder = temporaryFolder()
const dataFolder = join(folder.path, 'server')
let server = await startServerProgram(dataFolder)
const restart = async () => (server = await startServerProgram(dataFolder, Number(server.port)))
const person = (name: string) => startPerson({ server: server.url, dataFolder: folder.path, name })
const alice = await person('alice')
const bob = await person('bob')
await alice.online()
await bob.online()
const { id: channel } = await alice.chat.call.createChannel({ name: 'general', topic: '' })

const viewOf = async (person: Person, id: string, where = channel): Promise<MessageView | undefined> =>
  (await person.log(where)).find((message) => message.id === id)
const inState = (person: Person, id: string, state: MessageView['state'], where = channel) =>
  eventually(`the message is ${state}`, async () => {
    const view = await viewOf(person, id, where)
    return view?.state === state && view
  })
const online = (person: Person) =>
  eventually('online', async () => {
    const { state } = await person.desktop.supervisor.ref(linkContract).call.state()
    return state === 'online'
  })
const channelOf = async (person: Person, id = channel) =>
  (await person.chat.call.channels()).find((view) => view.id === id)

sending('that is sent again under its id is the same message, before it is confirmed and after', async () => {
  const id = uuidv7()
  const views = await Promise.all(
    Array.from({ length: 5 }, () => alice.chat.call.send({ id, channel, text: 'once' })),
  )
  assert.is(new Set(views.map(({ lamport }) => lamport)).size, 1)
  const { seq } = await inState(alice, id, 'confirmed')
  assert.is((await alice.chat.call.send({ id, channel, text: 'once' })).seq, seq)
  const other = await alice.chat.call.send({ id, channel, text: 'something else' })
  assert.is(other.text, 'once', 'what was signed does not change')
  assert.is((await channelOf(alice))?.head, 1)
})

sending('to a channel that was not joined is refused, and nothing of it is kept', async () => {
  for (const where of [channel, uuidv7()]) {
    const id = uuidv7()
    const error = await rejection(bob.chat.call.send({ id, channel: where, text: 'let me in' }))
    assert.is(error.code, 'not-a-member')
    assert.is(await viewOf(bob, id, where), undefined)
  }
})

sending('that breaks a limit is refused, and nothing of it is kept', async () => {
  const id = uuidv7()
  for (const text of ['', 'x'.repeat(4001)])
    assert.is((await rejection(alice.chat.call.send({ id, channel, text }))).code, 'malformed')
  assert.is(await viewOf(alice, id), undefined)
  await alice.chat.call.send({ id, channel, text: 'shorter' })
  await inState(alice, id, 'confirmed')
})

sending(
  'written while the server is away outlives chat, crypto and link, and is confirmed in order',
  async () => {
    await server.stop()
    const texts = ['one', 'two', 'three', 'four']
    const ids: string[] = []
    for (const [index, actor] of ['chat', 'crypto', 'link', 'chat'].entries()) {
      ids.push(await alice.say(channel, texts[index] ?? ''))
      await killAndWait(alice.desktop.supervisor, actor)
    }
    assert.equal((await alice.texts(channel)).slice(-4), texts)
    assert.is((await channelOf(alice))?.pending, 4)
    for (const id of ids) assert.is((await viewOf(alice, id))?.state, 'waiting')
    await restart()
    const seqs: number[] = []
    for (const id of ids) seqs.push((await inState(alice, id, 'confirmed')).seq ?? 0)
    assert.equal(
      seqs,
      seqs.toSorted((a, b) => a - b),
    )
    assert.equal((await alice.texts(channel)).slice(-4), texts)
    assert.is((await channelOf(alice))?.pending, 0)
  },
)

sending('whose reply was lost to a kill of link is confirmed once', async () => {
  const id = uuidv7()
  const sent = alice.chat.call.send({ id, channel, text: 'and link dies' })
  alice.desktop.supervisor.kill('link')
  await sent
  await inState(alice, id, 'confirmed')
  assert.is((await alice.texts(channel)).filter((text) => text === 'and link dies').length, 1)
})

sending('that the server refuses says why, and goes through when it is tried again later', async () => {
  await online(bob)
  await bob.chat.call.joinChannel(channel)
  const signedIn = bob.desktop.session.signedIn
  await server.stop()
  const id = await bob.say(channel, 'still a member?')
  const database = new Database(join(dataFolder, 'sequencer.db'))
  database.prepare('DELETE FROM members WHERE channel = ? AND account = ?').run(channel, signedIn?.account.id)
  database.close()
  await restart()
  const refused = await inState(bob, id, 'refused')
  assert.is(refused.refusal?.code, 'not-a-member')
  assert.ok(refused.refusal?.message)
  assert.is(bob.shown.get(id)?.state, 'refused', 'the window was told')
  await killAndWait(bob.desktop.supervisor, 'chat')
  assert.is((await viewOf(bob, id))?.state, 'refused', 'it is not sent again by itself')
  assert.is((await channelOf(bob))?.pending, 0)

  await online(bob)
  await bob.chat.call.joinChannel(channel)
  await bob.chat.call.retry(id)
  const confirmed = await inState(bob, id, 'confirmed')
  assert.is(confirmed.refusal, null)
  await inState(alice, id, 'confirmed')
  assert.is((await rejection(bob.chat.call.retry(uuidv7()))).code, 'unknown-message')
})

sending('has peers to go to also after link was restarted: the device is announced anew', async () => {
  const peer = await alice.reachableAs()
  const bobsLink = bob.desktop.supervisor.ref(linkContract)
  const bobKnows = async () => (await bobsLink.call.snapshot())?.peers.some((other) => other.peer === peer)
  await eventually('bob knows the device', bobKnows)
  const forgotten = eventually('the old socket is gone', async () => !(await bobKnows()))
  await killAndWait(alice.desktop.supervisor, 'link')
  await forgotten
  await eventually('bob knows the device again', bobKnows)
})

sending.after(async () => {
  await alice.desktop.stop()
  await bob.desktop.stop()
  await server.stop()
  folder.remove()
})
sending.run()
