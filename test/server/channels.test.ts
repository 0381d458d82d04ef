import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { errorCode } from '../../shared/errors.ts'
import { UnitedError } from '../../shared/errors.ts'
import { eventually } from '../support/eventually.ts'
import { Client } from './control-client.ts'
import { codeOf, sleep, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer

test.before(async () => {
  server = await startTestServer()
})
test.after(async () => {
  assert.equal(server.reports, [])
  await server.end()
})

const peerId = (letter: string) => `12D3Koo${letter.repeat(45)}`

test('everyone sees every channel, in the welcome and as it is made, each with their own membership', async () => {
  const ann = await Client.register(server.url, 'ann')
  const ben = await Client.register(server.url, 'ben')
  const made = await ann.create('garden')
  assert.equal(
    { name: made.name, member: made.member, members: made.members, head: made.head, by: made.createdBy },
    { name: 'garden', member: true, members: 1, head: 0, by: ann.account.id },
  )
  const seen = await eventually('ben is told', () => ben.socket.events('channel').at(-1))
  assert.equal(seen, { ...made, member: false })

  const joined = await ben.join(made.id)
  assert.equal(joined, { ...made, members: 2 })
  await eventually('ann is told', () => ann.socket.events('channel').at(-1)?.members === 2)

  const cleo = await Client.register(server.url, 'cleo')
  const known = cleo.welcome.channels.find(({ id }) => id === made.id)
  assert.equal(known, { ...joined, member: false })
  await Promise.all([ann, ben, cleo].map((client) => client.close()))
})

test('a channel name is one channel, and the refusal says which', async () => {
  const ann = await Client.register(server.url, 'ann2')
  const { id } = await ann.create('once')
  try {
    await ann.create('once')
    assert.unreachable()
  } catch (error) {
    assert.is(errorCode(error), 'channel-exists')
    assert.equal(error instanceof UnitedError && error.details, { channel: id })
  }
  await ann.close()
})

test('joining what is not there is refused, joining twice is not', async () => {
  const ann = await Client.register(server.url, 'ann3')
  assert.is(await codeOf(ann.join(uuidv7())), 'unknown-channel')
  const { id } = await ann.create('twice')
  assert.is((await ann.join(id)).members, 1)
  await ann.close()
})

test('history is for members, in pages, ascending', async () => {
  const ann = await Client.register(server.url, 'ann4')
  const ben = await Client.register(server.url, 'ben4')
  const { id } = await ann.create('pages')
  for (let n = 0; n < 30; n++) {
    const data = new Uint8Array(n < 20 ? 49_000 : 10)
    await ann.submit(ann.message(id, { attachments: [{ name: 'a', type: 'b', data }] }))
  }
  const ask = (after: number, limit: number) =>
    ann.socket.request('message.history', { channel: id, after, limit })

  assert.is(
    await codeOf(ben.socket.request('message.history', { channel: id, after: 0, limit: 1 })),
    'not-a-member',
  )
  assert.is(
    await codeOf(ann.socket.request('message.history', { channel: uuidv7(), after: 0, limit: 1 })),
    'unknown-channel',
  )
  const small = await ask(25, 3)
  assert.equal(
    small.messages.map(({ seq }) => seq),
    [26, 27, 28],
  )
  assert.is(small.head, 30)
  const cut = await ask(0, 200)
  assert.ok(cut.messages.length >= 8 && cut.messages.length < 20, `${cut.messages.length} in one page`)
  assert.is((await ann.log(id)).length, 30)
  assert.equal(await ask(30, 10), { messages: [], head: 30 })
  await Promise.all([ann.close(), ben.close()])
})

test('those who share a channel learn of each other, as long as they are there', async () => {
  const ann = await Client.register(server.url, 'ann5')
  const ben = await Client.register(server.url, 'ben5')
  const stranger = await Client.register(server.url, 'stranger5')
  const { id } = await ann.create('meet')
  await ann.socket.request('peer.announce', { peer: peerId('A') })
  await stranger.socket.request('peer.announce', { peer: peerId('S') })
  await ben.join(id)
  const first = { account: ann.account.id, name: 'ann5', peer: peerId('A'), channels: [id] }
  await eventually('ben knows ann', () => ben.socket.events('peers').at(-1)?.length === 1)
  assert.equal(ben.socket.events('peers').at(-1), [first])

  await ben.socket.request('peer.announce', { peer: peerId('B') })
  await eventually('ann knows ben', () => ann.socket.events('peers').at(-1)?.[0]?.name === 'ben5')

  const second = await Client.connect(server.url, ben.device, ben.grant)
  assert.equal(new Set(second.welcome.peers.map(({ peer }) => peer)), new Set([peerId('A'), peerId('B')]))
  await second.socket.request('peer.announce', { peer: peerId('C') })
  await eventually('ann knows both of ben’s', () => ann.socket.events('peers').at(-1)?.length === 2)

  await ben.close()
  await eventually('ann knows one', () => ann.socket.events('peers').at(-1)?.length === 1)
  await second.close()
  await eventually('ann is alone', () => ann.socket.events('peers').at(-1)?.length === 0)
  await sleep(100)
  assert.ok(stranger.socket.events('peers').every((peers) => peers.length === 0))
  await Promise.all([ann.close(), stranger.close()])
})

test.run()
