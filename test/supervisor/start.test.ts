import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ask } from '../../supervisor/command-socket.ts'
import { profileFolder } from '../../supervisor/desktop.ts'
import { runCommand, startApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const starts = suite('npm start')
const folder = temporaryFolder()
const start = (...args: string[]) => runCommand('supervisor/start.ts', args)

/** It ended with one clear line and nothing else. */
async function refuses(args: string[], words: string | RegExp): Promise<void> {
  const { code, stderr } = await start(...args)
  assert.is(code, 1, stderr)
  assert.match(stderr, words)
  assert.equal(stderr.trim().split('\n').length, 1, stderr)
  assert.not.match(stderr, /^\s+at /m)
}

starts('lists every option with --help', async () => {
  const { code, stdout, stderr } = await start('--help')
  assert.is(code, 0)
  assert.is(stderr, '')
  for (const option of [
    '--port PORT',
    '--data FOLDER',
    '--server URL',
    '--host HOST',
    '--profile NAME',
    '--help',
  ])
    assert.match(stdout, option)
})

starts('refuses what it does not understand in one line', async () => {
  await refuses(['--colour', 'red'], `Unknown option '--colour'`)
  await refuses(['--port', 'ninety'], '"ninety" is not a port')
  await refuses(['--profile', '../up'], 'profile')
  await refuses(['--isolate', 'nobody=process'], 'no actor named nobody')
  await refuses(['--isolate', 'p2p=thread'], 'How p2p is isolated cannot be changed')
})

starts('says so when the data folder cannot be made', async () => {
  const file = join(folder.path, 'a file')
  writeFileSync(file, '')
  await refuses(['--host', 'none', '--data', file], file)
  await refuses(['--host', 'none', '--data', join(file, 'below')], '--data')
})

const others: Record<string, RequestListener> = {
  'says hello': (_request, response) => response.end('hello'),
  'almost speaks JSON': (_request, response) => response.end('{ hello'),
  'speaks JSON of its own': (_request, response) => response.end('{"name":"another"}'),
  'hangs up half way': (_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"name"')
    response.socket?.end()
  },
}
for (const [what, listener] of Object.entries(others)) {
  starts(`says so when its port is used by a program that ${what}`, async () => {
    const other = createServer(listener)
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    try {
      await refuses(
        ['--host', 'none', '--port', String(port), '--data', join(folder.path, 'taken')],
        `${port}`,
      )
    } finally {
      other.closeAllConnections()
      other.close()
    }
  })
}

starts('of a profile that runs gives a fresh address and ends well', async () => {
  const options = ['--port', '0', '--data', join(folder.path, 'twice')]
  const app = await startApp(options)
  assert.match(app.output(), 'started here')
  const again = await start('--host', 'none', ...options)
  assert.is(again.code, 0, again.stderr)
  assert.match(again.stdout, 'runs already')
  const [address = ''] = /http:\/\/127\.0\.0\.1:\d+\/\?ticket=\S+/.exec(again.stdout) ?? []
  assert.is(new URL(address).origin, new URL(app.address).origin)
  assert.is.not(address, app.address)
  for (const ticket of [app.address, address])
    assert.is((await fetch(ticket, { redirect: 'manual' })).status, 302)
  assert.is(await app.stop(), 143)
  const stopped = await runCommand('supervisor/actors-command.ts', ['--data', join(folder.path, 'twice')])
  assert.is(stopped.code, 1)
  assert.match(stopped.stderr, 'No UNITED runs')
})

/** Ids of all processes that descend from this one. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = parentOf(entry)
    if (parent !== undefined) parents.set(Number(entry), parent)
  }
  const found = [pid]
  for (const parent of found)
    for (const [child, of] of parents) if (of === parent && !found.includes(child)) found.push(child)
  return found.slice(1)
}

/** The fourth field of `stat`, after the name in brackets; undefined for a process that is gone or dead. */
function parentOf(pid: string): number | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' ? undefined : Number(parent)
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  starts(`leaves no process behind when it is ended by ${signal} with somebody signed in`, async () => {
    if (process.platform !== 'linux') {
      console.log('\nskipped: processes are counted in /proc, which is Linux alone')
      return
    }
    const data = join(folder.path, signal)
    const app = await startApp(['--port', '0', '--data', data])
    await signIn(app.address)
    const { pid = 0 } = app.process
    const processes = descendants(pid)
    assert.ok(processes.length >= 3, `server, auth and p2p: ${processes.length} processes`)
    app.process.kill(signal)
    await once(app.process, 'exit')
    await eventually('all are gone', () => processes.every((id) => parentOf(String(id)) === undefined))
    assert.is(
      await ask(profileFolder({ dataFolder: data, profile: 'default' }), { command: 'list' }),
      undefined,
    )
  })
}

/** Over the bridge, as the window does. */
async function signIn(address: string): Promise<void> {
  const { headers } = await fetch(address, { redirect: 'manual' })
  const { origin } = new URL(address)
  const [cookie = ''] = headers.getSetCookie()[0]?.split(';') ?? []
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/bridge`, { headers: { cookie, origin } })
  await once(socket, 'open')
  const params = { name: 'alice', password: 'a long enough password' }
  socket.send(JSON.stringify({ id: 1, method: 'session.register', params }))
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { id?: number; answer?: { ok: boolean } }
      if (frame.id !== 1) return
      if (frame.answer?.ok) resolve()
      else reject(new Error(data.toString()))
    })
  })
  socket.terminate()
}

starts('starts again on the folder of one that was killed', async () => {
  const app = await startApp(['--port', '0', '--data', join(folder.path, 'SIGKILL')])
  assert.is((await fetch(app.address, { redirect: 'manual' })).status, 302)
  assert.is(await app.stop(), 143)
})

starts.after(() => folder.remove())
starts.run()
