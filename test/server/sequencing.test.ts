import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { encodeEnvelope, type MessageEnvelope } from '../../shared/envelope.ts'
import { limits } from '../../shared/limits.ts'
import { emptyLogDigest, nextLogDigest } from '../../shared/log-digest.ts'
import { eventually } from '../support/eventually.ts'
import { Client, asSaid, base64, makeDevice, sign } from './control-client.ts'
import { codeOf, startTestServer, type TestServer } from './test-server.ts'

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

/** A new channel with both in it. */
async function shared(): Promise<string> {
  const { id } = await ann.create(`c${uuidv7()}`)
  await ben.join(id)
  return id
}

test('a message gets the next seq, and every member is told, its sender too', async () => {
  const channel = await shared()
  const first = ann.message(channel)
  const place = await ann.submit(first)
  assert.equal([place.channel, place.id, place.seq], [channel, first.id, 1])
  const second = ben.message(channel, { deps: [first.id] })
  assert.is((await ben.submit(second)).seq, 2)
  const told = [
    { channel, seq: 1, envelope: base64(first) },
    { channel, seq: 2, envelope: base64(second) },
  ]
  for (const { socket } of [ann, ben]) {
    const heard = () => socket.confirmed(channel)
    await eventually('both are confirmed', () => heard().length === 2)
    assert.equal(heard().map(asSaid), told)
  }
})

test('each place has the digest of the log up to it, and a time that only grows', async () => {
  const channel = await shared()
  const messages = [ann.message(channel), ben.message(channel), ann.message(channel)]
  let digest: Uint8Array = emptyLogDigest
  const digests: string[] = []
  for (const message of messages) {
    const place = await (message.author === ann.account.id ? ann : ben).submit(message)
    digest = nextLogDigest(digest, encodeEnvelope(message))
    digests.push(place.digest)
    assert.is(place.digest, Buffer.from(digest).toString('base64'))
  }
  const log = await ben.log(channel)
  assert.equal(
    log.map((message) => message.digest),
    digests,
  )
  assert.equal(await ben.socket.request('log.digests', { channel, seqs: [3, 1, 4] }), [
    { seq: 3, digest: digests[2] },
    { seq: 1, digest: digests[0] },
  ])
  const [first, second, third] = log.map(({ at }) => at)
  assert.ok(first && second && third && first <= second && second <= third)
  assert.equal(await ben.socket.request('log.at', { channel, at: 0 }), { seq: 1 })
  assert.equal(await ben.socket.request('log.at', { channel, at: third + 1 }), { seq: null })
})

test('history can be read from either end of a range', async () => {
  const channel = await shared()
  for (let n = 0; n < 6; n++) await ann.submit(ann.message(channel))
  const seqs = async (range: { after: number; before?: number; newest?: boolean; limit: number }) => {
    const { messages } = await ben.socket.request('message.history', { channel, ...range })
    return messages.map(({ seq }) => seq)
  }
  assert.equal(await seqs({ after: 0, limit: 2 }), [1, 2])
  assert.equal(await seqs({ after: 0, newest: true, limit: 2 }), [5, 6])
  assert.equal(await seqs({ after: 1, before: 5, newest: true, limit: 2 }), [3, 4])
  assert.equal(await seqs({ after: 1, before: 4, limit: 200 }), [2, 3])
  assert.equal(await seqs({ after: 4, before: 5, limit: 200 }), [])
})

test('the same message again answers the same seq, and is told once', async () => {
  const channel = await shared()
  const message = ann.message(channel)
  const places = await Promise.all([ann.submit(message), ann.submit(message), ben.submit(message)])
  assert.equal(new Set(places.map(({ seq }) => seq)), new Set([1]))
  assert.equal(await ben.submit(message), places[0])
  assert.is((await ann.log(channel)).length, 1)
  await ann.submit(ann.message(channel))
  await eventually('the next is told', () => ann.socket.confirmed(channel).at(-1)?.seq === 2)
  assert.equal(
    ann.socket.confirmed(channel).map(({ seq }) => seq),
    [1, 2],
  )
})

test('a peer may bring what somebody else signed', async () => {
  const channel = await shared()
  const message = ann.message(channel)
  assert.is((await ben.submit(message)).seq, 1)
})

test('what is not a sound message of a member is refused, and takes no seq', async () => {
  const channel = await shared()
  const outsider = await Client.register(server.url, 'outsider')
  const sound = ann.message(channel)
  const altered = { ...sound, text: 'something else' }
  const forged = sign(makeDevice(), ann.unsigned(channel))
  const strangeDevice = makeDevice()
  const strangeKey = sign(strangeDevice, ann.unsigned(channel, { key: strangeDevice.publicKey }))
  const underAnothersName = sign(outsider.device, outsider.unsigned(channel, { author: ann.account.id }))
  const nobody = sign(ann.device, ann.unsigned(channel, { author: uuidv7() }))

  assert.is(await codeOf(ann.submit(altered)), 'bad-signature')
  assert.is(await codeOf(ann.submit(forged)), 'bad-signature')
  assert.is(await codeOf(ann.submit(strangeKey)), 'unknown-key')
  assert.is(await codeOf(ann.submit(underAnothersName)), 'unknown-key')
  assert.is(await codeOf(ann.submit(nobody)), 'not-a-member')
  assert.is(await codeOf(outsider.submit(outsider.message(channel))), 'not-a-member')
  assert.is(await codeOf(outsider.submit(sound)), 'not-a-member')
  assert.is(await codeOf(ann.submit(outsider.message(channel))), 'not-a-member')
  assert.is(await codeOf(ann.submit(ann.message(uuidv7()))), 'unknown-channel')

  const bytes = encodeEnvelope(sound)
  const raw = (envelope: Uint8Array) =>
    ann.socket.request('message.submit', { envelope: Buffer.from(envelope).toString('base64') })
  assert.is(await codeOf(raw(bytes.subarray(0, -1))), 'malformed')
  assert.is(await codeOf(raw(Buffer.concat([bytes, Buffer.from([0])]))), 'malformed')
  assert.is(await codeOf(raw(new Uint8Array(limits.envelopeBytes))), 'malformed')
  // The same fields with the length of the map in a longer form: the same message in other bytes.
  assert.is(await codeOf(raw(Buffer.concat([Buffer.from([0xb8, 12]), bytes.subarray(1)]))), 'malformed')

  assert.is((await ann.submit(sound)).seq, 1)
  await outsider.close()
})

test('what one client submits is taken in its order, also where the author of the first is new here', async () => {
  const channel = await shared()
  const newcomer = await Client.register(server.url, 'newcomer')
  await newcomer.join(channel)
  const first = newcomer.message(channel)
  const second = ben.message(channel)
  // The first waits for auth to say whose its key is; the second does not have to, and answers nothing.
  await ben.submit(ben.message(await shared()))
  const places = await Promise.all([ben.submit(first), ben.submit(second)])
  assert.equal(
    places.map(({ seq }) => seq),
    [1, 2],
  )
  await newcomer.close()
})

test('one id is one message', async () => {
  const channel = await shared()
  const first = ann.message(channel)
  await ann.submit(first)
  assert.is(await codeOf(ann.submit(ann.message(channel, { id: first.id }))), 'id-conflict')
  assert.is(await codeOf(ben.submit(ben.message(channel, { id: first.id }))), 'id-conflict')
  assert.is((await ann.log(channel)).length, 1)
})

test('nobody jumps to the end of logical time', async () => {
  const channel = await shared()
  const far = ann.message(channel, { lamport: Number.MAX_SAFE_INTEGER })
  assert.is(await codeOf(ann.submit(far)), 'lamport-out-of-range')
  const ahead = ann.message(channel, { lamport: 900_000 })
  assert.is((await ann.submit(ahead)).seq, 1)
  // The author counts over all channels: a time far above this channel's own is honest.
  const empty = await shared()
  assert.is((await ann.submit(ann.message(empty, { lamport: 1_800_000 }))).seq, 1)
})

test('what is submitted together is told together, in order, and what fails among it fails alone', async () => {
  const channel = await shared()
  const taken = ann.message(channel)
  await ann.submit(taken)
  const messages = Array.from({ length: 60 }, () => ann.message(channel))
  const bad: Record<number, [MessageEnvelope, string]> = {
    10: [ann.message(channel, { id: taken.id }), 'id-conflict'],
    20: [{ ...ann.message(channel), text: 'altered' }, 'bad-signature'],
    30: [ann.message(channel, { lamport: Number.MAX_SAFE_INTEGER }), 'lamport-out-of-range'],
    40: [ann.message(uuidv7()), 'unknown-channel'],
  }
  const outcomes = messages.map((message, n) => {
    const [envelope, code] = bad[n] ?? [message, undefined]
    return code === undefined
      ? ann.submit(envelope)
      : codeOf(ann.submit(envelope)).then((told) => assert.is(told, code))
  })
  await Promise.all(outcomes)
  const good = messages.filter((_message, n) => bad[n] === undefined)
  await eventually('all are told', () => ben.socket.confirmed(channel).length === 1 + good.length)
  assert.equal(
    ben.socket.confirmed(channel).map(asSaid),
    [taken, ...good].map((message, n) => ({ channel, seq: n + 1, envelope: base64(message) })),
  )
  const events = ben.socket.events('confirmed').filter(([first]) => first?.channel === channel)
  assert.ok(events.length <= 1 + good.length / 2, `${events.length} events`)
})

test('submits from three sockets at once get every seq exactly once, and all are told in order', async () => {
  const channel = await shared()
  const cleo = await Client.register(server.url, 'cleo')
  await cleo.join(channel)
  const each = 60
  const people = [ann, ben, cleo]
  const answers = await Promise.all(
    people.flatMap((person) => Array.from({ length: each }, () => person.submit(person.message(channel)))),
  )
  const all = Array.from({ length: each * people.length }, (_, n) => n + 1)
  assert.equal(
    answers.map(({ seq }) => seq).sort((a, b) => a - b),
    all,
  )
  for (const { socket } of people) {
    const told = () => socket.confirmed(channel)
    await eventually('all are confirmed', () => told().length === all.length)
    assert.equal(
      told().map(({ seq }) => seq),
      all,
    )
  }
  const log = await cleo.log(channel)
  assert.equal(
    log.map(({ seq }) => seq),
    all,
  )
  await cleo.close()
})

test.run()
