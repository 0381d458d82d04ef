import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Health, controlProtocol, httpRoutes, type LoginGrant, type WireError } from '../../shared/control.ts'
import { checker } from '../../shared/schema.ts'
import { Client, ControlSocket, makeDevice, post, register } from './control-client.ts'
import { codeOf, sleep, startTestServer, withServer, type TestServer } from './test-server.ts'

let server: TestServer

test.before(async () => {
  server = await startTestServer()
})
test.after(async () => {
  assert.equal(server.reports, [])
  await server.end()
})

const login = (body: unknown) => post(server.url + httpRoutes.login, body)
const refusal = (body: unknown) => body as WireError

test('the health route says who answers', async () => {
  const health = checker('health', Health).check(await (await fetch(server.url + httpRoutes.health)).json())
  assert.is(health.name, 'united')
  assert.is(health.protocol, controlProtocol)
  assert.match(health.server, /^[0-9a-f-]{36}$/)
})

test('a registered account signs in again, on a second device too, and both keys are in the directory', async () => {
  const first = makeDevice()
  const registered = await register(server.url, 'alice', first)
  assert.is(registered.account.name, 'alice')

  const second = makeDevice(Buffer.from(first.secret, 'base64'))
  const answer = await login({ name: 'alice', secret: second.secret, key: second.key })
  assert.is(answer.status, 200)
  const grant = answer.body as LoginGrant
  assert.is(grant.account.id, registered.account.id)

  const client = await Client.connect(server.url, second, grant)
  const [entry] = await client.socket.request('directory.lookup', { accounts: [grant.account.id] })
  assert.equal(new Set(entry?.keys), new Set([first.key, second.key]))
  await client.close()
})

test('an account whose secret is not that of its name is refused in the same words as an unknown name', async () => {
  const device = makeDevice()
  await register(server.url, 'bob', device)
  const wrong = await login({ name: 'bob', secret: makeDevice().secret, key: device.key })
  const unknown = await login({ name: 'nobody', secret: device.secret, key: device.key })
  assert.is(wrong.status, 401)
  assert.is(refusal(wrong.body).code, 'wrong-password')
  assert.equal(wrong, unknown)
})

test('an unknown name takes as long to refuse as a wrong password', async () => {
  const device = makeDevice()
  await register(server.url, 'timed', device)
  const median = async (name: string) => {
    const times: number[] = []
    for (let n = 0; n < 9; n++) {
      const start = performance.now()
      await login({ name, secret: makeDevice().secret, key: device.key })
      times.push(performance.now() - start)
    }
    return times.sort((a, b) => a - b)[4] ?? 0
  }
  await median('timed')
  const known = await median('timed')
  const unknown = await median('nobody-at-all')
  assert.ok(unknown > known / 3 && unknown < known * 3, `known ${known} ms, unknown ${unknown} ms`)
})

test('a name is taken in every spelling of its case', async () => {
  await register(server.url, 'Émile', makeDevice())
  const answer = await post(server.url + httpRoutes.register, { name: 'éMILE', ...credentials() })
  assert.is(answer.status, 409)
  assert.is(refusal(answer.body).code, 'name-taken')
  assert.match(refusal(answer.body).message, /another name/)
})

test('the same registration sent again is answered like the first, also when both are under way at once', async () => {
  const device = makeDevice()
  const grants = await Promise.all([1, 2, 3].map(() => register(server.url, 'twice', device)))
  const again = await register(server.url, 'twice', device)
  assert.is(new Set([...grants, again].map(({ account }) => account.id)).size, 1)
})

test('a key that signs for one account is not taken for another', async () => {
  const device = makeDevice()
  await register(server.url, 'carol', device)
  assert.is(await codeOf(register(server.url, 'carol2', device)), 'key-in-use')
  const dave = makeDevice()
  await register(server.url, 'dave', dave)
  const answer = await login({ name: 'dave', secret: dave.secret, key: device.key })
  assert.is(answer.status, 409)
  assert.is(refusal(answer.body).code, 'key-in-use')
  // The refused registration left no account behind.
  assert.is((await register(server.url, 'carol2', makeDevice())).account.name, 'carol2')
})

test('a refresh token buys access tokens, an unknown one does not', async () => {
  const device = makeDevice()
  const { refreshToken } = await register(server.url, 'erin', device)
  const fresh = await post(server.url + httpRoutes.refresh, { refreshToken })
  assert.is(fresh.status, 200)
  const { accessToken, expiresAt } = fresh.body as LoginGrant
  const claims = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()
  assert.ok(claims.includes(`"exp":${expiresAt / 1000}`), claims)
  assert.ok(expiresAt > Date.now() + 14 * 60_000 && expiresAt <= Date.now() + 15 * 60_000)
  const socket = await new ControlSocket(server.url).opened()
  assert.is((await socket.hello(accessToken)).account.name, 'erin')
  await socket.close()

  const unknown = await post(server.url + httpRoutes.refresh, { refreshToken: device.key })
  assert.is(unknown.status, 401)
  assert.is(refusal(unknown.body).code, 'session-expired')
})

test('bodies that are not what was agreed are refused in words, and nothing leaks', async () => {
  const good = { name: 'frank', ...credentials() }
  const bodies: [string, unknown, number, string][] = [
    ['not JSON', '{"name":', 400, 'malformed'],
    ['null', 'null', 400, 'malformed'],
    ['empty', '', 400, 'malformed'],
    ['a list', [], 400, 'malformed'],
    ['no name', { ...good, name: undefined }, 400, 'malformed'],
    ['a name of one letter', { ...good, name: 'a' }, 400, 'malformed'],
    ['a name with a space', { ...good, name: 'a b' }, 400, 'malformed'],
    ['a name with a line feed', { ...good, name: 'abc\n' }, 400, 'malformed'],
    ['a short key', { ...good, key: 'AAAA' }, 400, 'malformed'],
    ['a field too many', { ...good, admin: true }, 400, 'malformed'],
    ['__proto__', '{"__proto__":{"name":"x"}}', 400, 'malformed'],
    ['5 KB', { ...good, name: 'x'.repeat(5_000) }, 413, 'too-large'],
  ]
  for (const [what, body, status, code] of bodies) {
    const answer = await post(server.url + httpRoutes.register, body)
    assert.is(answer.status, status, what)
    assert.is(refusal(answer.body).code, code, what)
    assert.not.match(JSON.stringify(answer.body), /node_modules|\.ts:|at /, what)
  }
  const form = await fetch(server.url + httpRoutes.register, {
    method: 'POST',
    body: new URLSearchParams({ a: 'b' }),
  })
  assert.is(form.status, 400)
  const nowhere = await post(`${server.url}/v1/nothing`, {})
  assert.is(nowhere.status, 404)
  assert.is(refusal(nowhere.body).code, 'not-found')
})

test('sign-ins from one address are limited', async () => {
  await withServer({ authAttempts: 3 }, async ({ url }) => {
    const attempt = () => post(url + httpRoutes.login, { name: 'nobody', ...credentials() })
    for (let n = 0; n < 3; n++) assert.is((await attempt()).status, 401)
    const fourth = await attempt()
    assert.is(fourth.status, 429)
    assert.is(refusal(fourth.body).code, 'too-many-attempts')
    assert.match(refusal(fourth.body).message, /[Ww]ait/)
    assert.is((await fetch(url + httpRoutes.health)).status, 200)
  })
})

test('access tokens and sessions end', async () => {
  await withServer({ accessTokenMs: 1_000, refreshTokenMs: 1_000 }, async ({ url }) => {
    const { accessToken, refreshToken } = await register(url, 'gone', makeDevice())
    await sleep(2_100)
    const socket = await new ControlSocket(url).opened()
    assert.is(await codeOf(socket.hello(accessToken)), 'token-expired')
    assert.is((await socket.goodbye()).code, 4401)
    const refreshed = await post(url + httpRoutes.refresh, { refreshToken })
    assert.is(refusal(refreshed.body).code, 'session-expired')
  })
})

function credentials(): { secret: string; key: string } {
  const { secret, key } = makeDevice()
  return { secret, key }
}

test.run()
