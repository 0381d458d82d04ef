import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket } from 'ws'
import { bridgeHostFrames, bridgePath, type BridgeHostFrame } from '../../shared/bridge.ts'
import { contentSecurityPolicy } from '../../shared/content-security-policy.ts'
import { limits } from '../../shared/limits.ts'
import { serveWindow } from '../../supervisor/browser/window-server.ts'
import { Desktop } from '../../supervisor/desktop.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const windows = suite('the window server')
const folder = temporaryFolder()
const page = join(folder.path, 'dist')
mkdirSync(join(page, 'assets'), { recursive: true })
writeFileSync(join(page, 'index.html'), '<!doctype html><title>the window</title>')
writeFileSync(join(page, 'assets', 'app.js'), 'export {}')
writeFileSync(join(folder.path, 'secret.txt'), 'a secret beside the page')

const desktop = new Desktop({
  dataFolder: folder.path,
  profile: 'default',
  server: 'http://127.0.0.1:1',
})
await desktop.start()
const server = await serveWindow(desktop.bridge, page)
const { origin, port } = new URL(server.freshAddress())

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request as it is written here: `fetch` would tidy up paths and hosts. */
function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

const pathOf = (address: string) => address.slice(origin.length)
async function cookie(): Promise<string> {
  const { headers } = await get(pathOf(server.freshAddress()))
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

interface Socket {
  socket: WebSocket
  frames: BridgeHostFrame[]
  closed: Promise<number>
}

/** The bridge over a WebSocket, or the status with which it is refused. */
async function bridge(headers: Record<string, string>): Promise<Socket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${bridgePath}`, { headers })
  const frames: BridgeHostFrame[] = []
  socket.on('message', (data: Buffer) => frames.push(bridgeHostFrames.check(JSON.parse(data.toString()))))
  const closed = once(socket, 'close').then(([code]) => code as number)
  const refused = new Promise<number>((resolve) =>
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.on('error', () => response.destroy())
      socket.terminate()
    }),
  )
  const opened = once(socket, 'open').then(() => ({ socket, frames, closed }))
  closed.catch(() => 0)
  opened.catch(() => 0)
  return Promise.race([opened, refused])
}

async function admitted(): Promise<Socket> {
  const opened = await bridge({ cookie: await cookie(), origin })
  if (typeof opened === 'number') throw new Error(`refused with ${opened}`)
  return opened
}

windows('opens to a ticket, once, and from then on to the cookie that it bought', async () => {
  const ticket = pathOf(server.freshAddress())
  const first = await get(ticket)
  assert.is(first.status, 302)
  assert.is(first.headers.location, '/')
  assert.is(first.headers['cache-control'], 'no-store')
  const [bought = ''] = first.headers['set-cookie'] ?? []
  for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/']) assert.match(bought, attribute)
  const own = bought.split(';')[0] ?? ''
  assert.is((await get(ticket)).status, 403)
  assert.is((await get(ticket, { cookie: own })).status, 403, 'not even for the one who used it')
  const opened = await get('/', { cookie: own })
  assert.is(opened.status, 200)
  assert.match(opened.body, 'the window')
  assert.is((await get('/assets/app.js', { cookie: own })).status, 200)
})

windows('is closed to everybody else, and says so in words', async () => {
  for (const path of ['/', '/index.html', '/assets/app.js', '/?ticket=', '/?ticket=guess', bridgePath]) {
    const { status, body } = await get(path)
    assert.is(status, 403, path)
    assert.match(body, 'npm start')
  }
  for (const guess of ['united=', 'united=guess', 'other=1', `united=${'A'.repeat(43)}`])
    assert.is((await get('/', { cookie: guess })).status, 403, guess)
})

windows('answers under its own name alone', async () => {
  const own = await cookie()
  for (const host of [
    `localhost:${port}`,
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port}.evil.example`,
  ]) {
    assert.is((await get('/', { cookie: own, host })).status, 421, host)
    assert.is((await get(pathOf(server.freshAddress()), { host })).status, 421, host)
  }
})

windows('sends its headers with every answer', async () => {
  const own = await cookie()
  for (const answer of [
    await get('/', { cookie: own }),
    await get('/'),
    await get('/nothing', { cookie: own }),
  ]) {
    assert.is(answer.headers['content-security-policy'], contentSecurityPolicy)
    assert.is(answer.headers['x-content-type-options'], 'nosniff')
    assert.is(answer.headers['referrer-policy'], 'no-referrer')
    assert.is(answer.headers['cross-origin-opener-policy'], 'same-origin')
    assert.is(answer.headers['access-control-allow-origin'], undefined)
  }
})

windows('gives away nothing beside its folder', async () => {
  const own = await cookie()
  for (const path of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/%00',
    '/assets/',
    '/profiles/default',
  ]) {
    const { status, body } = await get(path, { cookie: own })
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`)
    assert.not.match(body, 'a secret')
    assert.not.match(body, /\n\s+at /)
  }
})

windows('carries the bridge to its own page alone', async () => {
  const own = await cookie()
  assert.is(await bridge({ origin }), 403)
  assert.is(await bridge({ cookie: own }), 403)
  for (const other of ['http://evil.example', 'null', `http://localhost:${port}`, `${origin}0`])
    assert.is(await bridge({ cookie: own, origin: other }), 403, other)
  assert.is(await bridge({ cookie: own, origin, host: 'evil.example' }), 421)
})

windows('carries the bridge to its own page alone, however its path is written', async () => {
  const own = await cookie()
  for (const path of [`${bridgePath}?a=1`, '/%62ridge', `${bridgePath}/`, `/${bridgePath}`]) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { cookie: own, origin: 'http://evil.example' },
    })
    const outcome = await Promise.race([
      once(socket, 'open').then(() => 'opened'),
      new Promise((resolve) => socket.once('error', () => resolve('refused'))),
    ])
    socket.terminate()
    assert.is(outcome, 'refused', path)
  }
})

windows('answers what it is asked, each call under its id', async () => {
  const { socket, frames, closed } = await admitted()
  socket.send('{"id":1,"method":"session.get","params":{}}')
  socket.send('{"id":2,"method":"channels.list","params":{}}')
  socket.send('{"id":3,"method":"actors.list","params":{"extra":1}}')
  await eventually('three answers', () => frames.filter((frame) => 'id' in frame).length === 3)
  const answers = new Map(frames.flatMap((frame) => ('id' in frame ? [[frame.id, frame.answer]] : [])))
  assert.is(answers.get(1)?.ok, true)
  const codes = [2, 3].map((id) => {
    const answer = answers.get(id)
    return answer?.ok === false && answer.error.code
  })
  assert.equal(codes, ['signed-out', 'malformed'])
  socket.close()
  await closed
})

windows('closes on a malformed frame with 4400, and on one that is too large', async () => {
  for (const junk of [
    'junk',
    '{}',
    '{"id":0,"method":"session.get","params":{}}',
    '{"id":1,"method":"toString","params":{}}',
  ]) {
    const { socket, closed } = await admitted()
    socket.send(junk)
    assert.is(await closed, 4400, junk)
  }
  const long = await admitted()
  long.socket.send(JSON.stringify({ id: 1, method: 'ä'.repeat(200), params: {} }))
  assert.is(await long.closed, 4400)
  const large = await admitted()
  large.socket.send('x'.repeat(limits.controlFrameBytes + 1))
  assert.is(await large.closed, 1009)
  const after = await admitted()
  after.socket.close()
  await after.closed
})

windows('lets every window of the same desktop hear what happens', async () => {
  const both = await Promise.all([admitted(), admitted()])
  desktop.supervisor.kill('link')
  for (const { frames } of both)
    await eventually('it is told of the actors', () =>
      frames.some((frame) => 'event' in frame && frame.event === 'actors'),
    )
  for (const { socket, closed } of both) {
    socket.close()
    await closed
  }
})

windows('ends with its windows open', async () => {
  const { closed } = await admitted()
  await server.stop()
  await closed
})

windows.after(async () => {
  await server.stop()
  await desktop.stop()
  folder.remove()
})
windows.run()
