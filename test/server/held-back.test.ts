import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import type { MessageEnvelope } from '../../shared/envelope.ts'
import { UnitedError } from '../../shared/errors.ts'
import { Client, base64 } from './control-client.ts'
import { sleep, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let ann: Client
let ben: Client

test.before(async () => {
  server = await startTestServer()
  ann = await Client.register(server.url, 'ann')
  ben = await Client.register(server.url, 'ben')
})
test.after(async () => {
  assert.equal(server.reports, [])
  await Promise.all([ann.close(), ben.close()])
  await server.end()
})

async function shared(): Promise<string> {
  const { id } = await ann.create(`c${uuidv7()}`)
  await ben.join(id)
  return id
}

const logOf = async (channel: string) => (await ann.log(channel)).map(({ envelope }) => envelope)
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof UnitedError ? { code: error.code, details: error.details } : error),
  )
const missing = (...ids: string[]) => ({ code: 'missing-dependencies', details: { ids } })
const ids = (messages: readonly MessageEnvelope[]) => messages.map(({ id }) => id)

test('a message that comes before those that it answers gets its place after them', async () => {
  const channel = await shared()
  const [first, second] = [ann.message(channel), ann.message(channel)]
  const answer = ben.message(channel, { deps: ids([first, second]) })
  const answered = ben.submit(answer)
  // The answer is there before what it answers is.
  await ben.socket.request('message.history', { channel, after: 0, limit: 1 })
  await Promise.all([ann.submit(second), ann.submit(first)])
  assert.is((await answered).seq, 3)
  assert.equal(await logOf(channel), [second, first, answer].map(base64))
})

test('a chain that comes in reverse is told in its own order', async () => {
  const channel = await shared()
  const chain = [ann.message(channel)]
  for (let n = 1; n < 20; n++) {
    const author = n % 2 === 0 ? ann : ben
    chain.push(author.message(channel, { deps: ids(chain.slice(-1)) }))
  }
  const [head, ...rest] = chain
  if (!head) throw new Error('an empty chain')
  const waiting = rest.toReversed().map((message) => ben.submit(message))
  await ann.submit(head)
  const places = await Promise.all(waiting)
  assert.equal(
    places.map(({ seq }) => seq),
    rest.map((_message, n) => chain.length - n),
  )
  assert.equal(await logOf(channel), chain.map(base64))
})

test('while one waits nobody else does, and what its device says next comes after it', async () => {
  const channel = await shared()
  const question = ann.message(channel)
  const answer = ben.message(channel, { deps: [question.id] })
  const next = ben.message(channel)
  const bens = [ben.submit(answer), ben.submit(next)]
  const other = ann.message(channel)
  assert.is((await ann.submit(other)).seq, 1)
  const elsewhere = await shared()
  assert.is((await ben.submit(ben.message(elsewhere))).seq, 1)
  await ann.submit(question)
  await Promise.all(bens)
  assert.equal(await logOf(channel), [other, question, answer, next].map(base64))
})

test('what waits in vain is refused with the ids that it waits for, and what is behind it with its own', async () => {
  const channel = await shared()
  const absent = uuidv7()
  const present = ann.message(channel)
  await ann.submit(present)
  const first = ben.message(channel, { deps: [present.id, absent] })
  const second = ben.message(channel)
  const outcomes = [first, first, second].map((message) => refusal(ben.submit(message)))
  assert.equal(await Promise.all(outcomes), [missing(absent), missing(absent), missing(first.id)])
  assert.is((await ben.submit(second)).seq, 2)
})

test('what answers a message of another channel is refused at once', async () => {
  const channel = await shared()
  const other = ann.message(await shared())
  await ann.submit(other)
  const wrong = ann.message(channel, { deps: [other.id] })
  const right = ann.message(channel)
  // At once: the next of the same device does not wait behind it.
  const [outcome, place] = await Promise.all([refusal(ann.submit(wrong)), ann.submit(right)])
  assert.equal(outcome, missing(other.id))
  assert.is(place.seq, 1)
})

test('there is room for so many of one account, and others still find room', async () => {
  const channel = await shared()
  const awaited = ann.message(channel)
  const late = () => ben.message(channel, { deps: [awaited.id] })
  const bens = Array.from({ length: 140 }, () => refusal(ben.submit(late())))
  const guest = await Client.register(server.url, `g${uuidv7().slice(24)}`)
  await guest.join(channel)
  const guests = guest.submit(guest.message(channel, { deps: [awaited.id] }))
  await guest.socket.request('message.history', { channel, after: 0, limit: 1 })
  await ann.submit(awaited)
  await guests
  const refused = (await Promise.all(bens)).filter((outcome) => outcome !== undefined)
  assert.is(refused.length, 140 - 128)
  await guest.close()
})

test('what is held when the sequencer dies is held again by the next', async () => {
  const channel = await shared()
  const question = ann.message(channel)
  const answer = ben.message(channel, { deps: [question.id] })
  const answered = ben.submit(answer)
  await ben.socket.request('message.history', { channel, after: 0, limit: 1 })
  server.supervisor.kill('sequencer')
  await sleep(10)
  await ann.submit(question)
  assert.is((await answered).seq, 2)
})

test.run()
