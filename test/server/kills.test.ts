import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import type { MessageEnvelope } from '../../shared/envelope.ts'
import { errorCode } from '../../shared/errors.ts'
import { eventually } from '../support/eventually.ts'
import { Client, base64, makeDevice, register } from './control-client.ts'
import { sleep, startTestServer, type TestServer } from './test-server.ts'

/*
 * Each server actor is killed again and again while three people talk. What holds: every message has one seq, seqs have
 * no gap, and nobody lost their connection.
 */

let server: TestServer

test.before(async () => {
  server = await startTestServer()
})
test.after(async () => {
  assert.equal(server.reports, [])
  await server.end()
})

const running = (name: string) =>
  eventually(`${name} runs`, () =>
    server.supervisor.children.some((child) => child.name === name && child.state === 'running'),
  )

/** As the outbox of a desktop does it: until there is an answer that is not about an actor being away. */
async function submitUntilAnswered(person: Client, message: MessageEnvelope): Promise<number> {
  for (;;) {
    try {
      return (await person.submit(message)).seq
    } catch (error) {
      if (errorCode(error) !== 'unavailable') throw error
      await sleep(50)
    }
  }
}

async function talkWhileKilling(actor: string, kills: number): Promise<void> {
  const people = await Promise.all(
    ['a', 'b', 'c'].map((letter) => Client.register(server.url, `${actor}-${letter}`)),
  )
  const [host] = people
  if (!host) throw new Error('nobody')
  const { id: channel } = await host.create(`c${uuidv7()}`)
  for (const person of people) await person.join(channel)

  let over = false
  const said: { id: string; seq: number; envelope: string }[] = []
  const talks = people.map(async (person) => {
    while (!over) {
      const message = person.message(channel)
      const seq = await submitUntilAnswered(person, message)
      said.push({ id: message.id, seq, envelope: base64(message) })
      await sleep(1)
    }
  })
  for (let n = 0; n < kills; n++) {
    await sleep(20 + Math.random() * 150)
    server.supervisor.kill(actor)
    await sleep(1)
    await running(actor)
  }
  await sleep(100)
  over = true
  await Promise.all(talks)

  const log = await host.log(channel)
  assert.ok(said.length > kills, `${said.length} messages in ${kills} kills`)
  assert.equal(
    log.map(({ seq }) => seq),
    log.map((_, index) => index + 1),
    'seqs without a gap',
  )
  assert.equal(
    said.toSorted((a, b) => a.seq - b.seq).map(({ envelope }) => envelope),
    log.map(({ envelope }) => envelope),
    'what was acknowledged is what is in the log, at the seq that was answered',
  )
  for (const person of people) {
    assert.is(person.socket.closeCode, undefined, 'the connection is still there')
    await person.close()
  }
}

test('the sequencer is killed while people talk: nothing is lost or doubled', () =>
  talkWhileKilling('sequencer', 8))

test('auth is killed while people talk: nothing is lost or doubled', async () => {
  await talkWhileKilling('auth', 8)
})

test('signaling is killed while people talk: nothing is lost or doubled', async () => {
  await talkWhileKilling('signaling', 3)
})

test('a sign-in under way when auth is killed is answered all the same', async () => {
  const device = makeDevice()
  const registering = register(server.url, 'patient', device)
  await sleep(10)
  server.supervisor.kill('auth')
  const grant = await registering
  const client = await Client.connect(server.url, device, grant)
  assert.is(client.account.name, 'patient')
  await client.close()
})

test('a message under way when the sequencer is killed is answered after its restart', async () => {
  const client = await Client.register(server.url, 'under-way')
  const { id } = await client.create('under-way')
  const message = client.message(id)
  server.supervisor.kill('sequencer')
  const [place, made] = await Promise.all([client.submit(message), client.create('under-way-2')])
  assert.is(place.seq, 1)
  assert.is(made.members, 1)
  await client.close()
})

test('who connects while a channel changes is told the truth about their own membership', async () => {
  const member = await Client.register(server.url, 'member')
  const guest = await Client.register(server.url, 'guest')
  const { id } = await member.create('changing')
  // Both wait for the sequencer, and the join is answered before the list of channels for the welcome.
  server.supervisor.kill('sequencer')
  const [again] = await Promise.all([Client.connect(server.url, member.device, member.grant), guest.join(id)])
  await sleep(100)
  assert.is(again.welcome.channels.find((channel) => channel.id === id)?.member, true)
  for (const channel of again.socket.events('channel')) assert.is(channel.member, true)
  await Promise.all([member, guest, again].map((client) => client.close()))
})

test('when the sequencer is up again, clients are told where their channels end', async () => {
  const member = await Client.register(server.url, 'heads-member')
  const stranger = await Client.register(server.url, 'heads-stranger')
  const { id } = await member.create('heads')
  await member.submit(member.message(id))
  server.supervisor.kill('sequencer')
  const heads = await eventually('heads', () => member.socket.events('heads').at(-1))
  assert.equal(heads, [{ channel: id, head: 1 }])
  assert.equal(await eventually('heads', () => stranger.socket.events('heads').at(-1)), [])
  await Promise.all([member.close(), stranger.close()])
})

test('when signaling is up again, it listens where it did before and clients are told', async () => {
  const client = await Client.register(server.url, 'relays')
  assert.match(client.welcome.relays[0] ?? '', /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/12D3Koo/)
  server.supervisor.kill('signaling')
  const relays = await eventually('relays', () => client.socket.events('relays').at(-1))
  assert.equal(relays, client.welcome.relays)
  await client.close()
})

test.run()
