import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../../../server/server.ts'
import { controlProtocol, httpRoutes } from '../../../shared/control.ts'
import { credentials, startLink } from '../../support/link-actor.ts'
import { rejection } from '../../support/rejection.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const greeting = suite('who answers')
const folder = temporaryFolder()
const server = await startServer({ host: '127.0.0.1', port: 0, dataFolder: join(folder.path, 'server') })

/** What `health` says of a plain web server. */
async function codeFor(listener: RequestListener): Promise<unknown> {
  const other = createServer(listener)
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const code = await codeAt(port)
  other.close()
  other.closeAllConnections()
  return code
}

async function codeAt(port: number): Promise<unknown> {
  const link = await startLink(`http://127.0.0.1:${port}`)
  const { code, message } = await rejection(link.call.health())
  await link.stop()
  assert.match(message, `127.0.0.1:${port}`, 'the message names the address')
  return code
}

const json = (value: unknown, status = 200): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
}
const health = { name: 'united', protocol: controlProtocol, server: '01890a5d-ac96-774b-bcce-b302099a8057' }

greeting('a UNITED server says which it is, the same each time', async () => {
  const link = await startLink(server.url)
  const first = await link.call.health()
  assert.is(first.name, 'united')
  assert.is(first.protocol, controlProtocol)
  assert.equal(await link.call.health(), first)
  await link.stop()
})

greeting('any other web server is not united', async () => {
  assert.is(await codeFor((_request, response) => response.end('<h1>It works!</h1>')), 'not-united')
  assert.is(await codeFor((_request, response) => response.writeHead(404).end()), 'not-united')
  assert.is(await codeFor(json({ name: 'another' })), 'not-united')
  assert.is(await codeFor(json({ ...health, server: 1 })), 'not-united')
  assert.is(await codeFor(json({ error: 'no' }, 500)), 'not-united')
  assert.is(await codeFor(json(null)), 'not-united')
  assert.is(await codeFor((_request, response) => response.end('{ half a')), 'not-united')
})

greeting('a server of another protocol is told from one that is not united', async () => {
  assert.is(await codeFor(json({ ...health, protocol: controlProtocol + 1 })), 'protocol')
})

greeting('a closed port is offline, and so is one that hangs up', async () => {
  const tcp = createTcpServer((socket) => socket.destroy())
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  assert.is(await codeAt(port), 'offline')
  tcp.close()
  await once(tcp, 'close')
  assert.is(await codeAt(port), 'offline')
})

greeting('the server’s refusals keep their code', async () => {
  const link = await startLink(server.url)
  const alice = credentials('alice')
  const first = await link.call.register(alice)
  assert.is((await link.call.register(alice)).account.id, first.account.id, 'a repeat is the same account')
  assert.is((await rejection(link.call.register(credentials('Alice')))).code, 'name-taken')
  assert.is((await rejection(link.call.login(credentials('alice')))).code, 'wrong-password')
  assert.is((await link.call.login(alice)).account.id, first.account.id)
  await link.stop()
})

greeting('nothing that needs a session is asked without one', async () => {
  const link = await startLink(server.url)
  assert.is((await rejection(link.call.lookup({ accounts: [] }))).code, 'offline')
  assert.is(await link.call.snapshot(), null)
  assert.is((await link.call.state()).state, 'offline')
  await link.stop()
})

greeting('the routes are those that every release has', () => {
  assert.is(httpRoutes.health, '/v1/health')
  assert.is(httpRoutes.control, '/v1/control')
})

greeting.after(async () => {
  await server.stop()
  folder.remove()
})
greeting.run()
