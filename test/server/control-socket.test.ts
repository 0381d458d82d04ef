import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { controlProtocol } from '../../shared/control.ts'
import { limits } from '../../shared/limits.ts'
import { Client, ControlSocket, base64, makeDevice, register } from './control-client.ts'
import { codeOf, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer

test.before(async () => {
  server = await startTestServer()
})
test.after(async () => {
  assert.equal(server.reports, [])
  await server.end()
})

const open = () => new ControlSocket(server.url).opened()
const token = async (name: string) => (await register(server.url, name, makeDevice())).accessToken

test('what comes before hello, or is no hello, ends the connection in words', async () => {
  const firsts: [unknown, number, string][] = [
    ['not json', 4400, 'malformed'],
    ['null', 4400, 'malformed'],
    ['[]', 4400, 'malformed'],
    [{ type: 'hello' }, 4400, 'malformed'],
    [{ type: 'hello', protocol: controlProtocol, token: 'x'.repeat(3_000) }, 4400, 'malformed'],
    [{ type: 'request', id: 1, method: 'peer.announce', params: {} }, 4400, 'malformed'],
    [{ type: 'hello', protocol: controlProtocol + 1, token: '', more: true }, 4426, 'protocol'],
    [{ type: 'hello', protocol: controlProtocol, token: 'not.a.token' }, 4401, 'token-invalid'],
    [{ type: 'hello', protocol: controlProtocol, token: '' }, 4401, 'token-invalid'],
  ]
  for (const [frame, code, error] of firsts) {
    const socket = await open()
    socket.send(frame)
    const end = await socket.goodbye()
    assert.is(end.code, code, JSON.stringify(frame))
    assert.is(end.error?.code, error, JSON.stringify(frame))
  }
})

test('a token signed by another server, or by nobody, is refused', async () => {
  const [, payload = ''] = (await token('signed')).split('.')
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  const hs256 = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
  for (const forged of [`${none}.${payload}.`, `${hs256}.${payload}.${'A'.repeat(43)}`]) {
    const socket = await open()
    assert.is(await codeOf(socket.hello(forged)), 'token-invalid')
    await socket.goodbye()
  }
})

test('a client that says nothing is let go after five seconds', async () => {
  const socket = await open()
  const start = performance.now()
  const { code, error } = await socket.goodbye()
  assert.is(code, 4408)
  assert.is(error?.code, 'hello-timeout')
  assert.ok(performance.now() - start > 4_000)
})

test('a malformed frame after the welcome ends the connection, as does a second hello', async () => {
  for (const frame of [
    '{',
    'true',
    { type: 'request', id: 0, method: 'peer.announce', params: {} },
    { type: 'hello' },
  ]) {
    const socket = await open()
    await socket.hello(await token(`malformed${Math.random().toString(36).slice(2)}`))
    socket.send(frame)
    const { code, error } = await socket.goodbye()
    assert.is(code, 4400)
    assert.is(error?.code, 'malformed')
  }
  const binary = await open()
  await binary.hello(await token('binary'))
  binary.socket.send(Buffer.from('{}'))
  assert.is((await binary.goodbye()).code, 4400)
})

test('a frame over the limit closes its own socket with 1009 and nothing else', async () => {
  const bystander = await Client.register(server.url, 'bystander')
  const socket = await open()
  await socket.hello(await token('oversize'))
  socket.send('x'.repeat(limits.controlFrameBytes + 1))
  assert.is((await socket.goodbye()).code, 1009)
  await bystander.create('still-works')
  await bystander.close()
})

test('an unknown method and wrong params get a reply, and the connection goes on', async () => {
  const client = await Client.register(server.url, 'asker')
  const asks: [string, unknown][] = [
    ['no.such.method', {}],
    ['toString', {}],
    ['channel.create', { name: 'Upper Case', topic: '' }],
    ['channel.create', { name: 'x', topic: '', extra: 1 }],
    ['channel.join', {}],
    ['channel.join', null],
    ['message.submit', { envelope: 'not base64!' }],
    ['message.submit', { envelope: 'A'.repeat(100_000) }],
    ['message.submit', { envelope: '' }],
    ['message.history', { channel: client.account.id, after: -1, limit: 10 }],
    ['message.history', { channel: client.account.id, after: 0, limit: 10_000 }],
    ['peer.announce', { peer: 'short' }],
    ['directory.lookup', { accounts: ['x'] }],
  ]
  for (const [method, params] of asks) {
    assert.is(await codeOf(client.socket.ask(method, params)), 'malformed', method)
  }
  await client.create('goes-on')
  await client.close()
})

test('requests beyond those that may wait are refused one by one', async () => {
  const client = await Client.register(server.url, 'flood')
  const { id } = await client.create('flood')
  const answers = await Promise.allSettled(
    Array.from({ length: 400 }, () =>
      client.socket.request('message.history', { channel: id, after: 0, limit: 1 }),
    ),
  )
  const refused = answers.filter(({ status }) => status === 'rejected').length
  assert.ok(refused > 0 && refused <= 400 - 256, `${refused} refused`)
  await client.socket.request('message.history', { channel: id, after: 0, limit: 1 })
  await client.close()
})

test('replies to submits leave in the order in which the messages came', async () => {
  const client = await Client.register(server.url, 'orderly')
  const { id } = await client.create('orderly')
  const messages = Array.from({ length: 50 }, () => client.message(id))
  for (let n = 1; n < messages.length; n++) {
    // Each depends on the one before: out of order they would be refused.
    const before = messages[n - 1]
    if (before) messages[n] = client.message(id, { deps: [before.id] })
  }
  await Promise.all(messages.map((message) => client.submit(message)))
  const replies = client.socket.frames.filter((frame) => frame.type === 'reply')
  assert.equal(
    replies.map((reply) => reply.id),
    replies.map((_, index) => index + 1),
  )
  const log = await client.log(id)
  assert.equal(
    log.map(({ envelope }) => envelope),
    messages.map(base64),
  )
  await client.close()
})

test.run()
