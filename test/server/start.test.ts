import Database from 'better-sqlite3'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../../server/server.ts'
import { UnitedError, errorCode } from '../../shared/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { Client, base64 } from './control-client.ts'

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

async function refusal(init: { dataFolder: string; port?: number; host?: string }): Promise<UnitedError> {
  try {
    const server = await startServer({ host: '127.0.0.1', port: 0, ...init })
    await server.stop()
  } catch (error) {
    if (error instanceof UnitedError) return error
    throw error
  }
  throw new Error('it started')
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder()
  try {
    await work(folder.path)
  } finally {
    folder.remove()
  }
}

test('everything outlives a restart of the whole server', () =>
  inFolder(async (dataFolder) => {
    const first = await startServer({ host: '127.0.0.1', port: 0, dataFolder })
    const ann = await Client.register(first.url, 'ann')
    const { id } = await ann.create('kept')
    const messages = [ann.message(id), ann.message(id), ann.message(id)]
    for (const message of messages) await ann.submit(message)
    const stopped = first.stop()
    const { code, error } = await ann.socket.goodbye()
    assert.is(code, 1001)
    assert.is(error?.code, 'stopping')
    await stopped

    const second = await startServer({ host: '127.0.0.1', port: 0, dataFolder })
    const again = await Client.connect(second.url, ann.device, ann.grant)
    assert.is(again.welcome.server, ann.welcome.server)
    assert.equal(again.account, ann.account)
    assert.is(again.welcome.relays[0]?.split('/p2p/')[1], ann.welcome.relays[0]?.split('/p2p/')[1])
    assert.equal(
      (await again.log(id)).map(({ seq, envelope }) => [seq, envelope]),
      messages.map((message, index) => [index + 1, base64(message)]),
    )
    again.lamport = ann.lamport
    assert.is((await again.submit(again.message(id))).seq, 4)
    await again.close()
    await second.stop()
    assert.is(statSync(join(dataFolder, 'relay.key')).mode & 0o777, 0o600)
  }))

test('a port in use is named, with the way out', () =>
  inFolder(async (dataFolder) => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const { port } = squatter.address() as AddressInfo
    const error = await refusal({ dataFolder, port })
    assert.is(error.code, 'port-in-use')
    assert.match(error.message, new RegExp(`${port}.*--port`))
    squatter.close()
  }))

test('a host that is not of this computer is named', () =>
  inFolder(async (dataFolder) => {
    assert.is((await refusal({ dataFolder, host: '192.0.2.1' })).code, 'host')
    assert.is((await refusal({ dataFolder, host: 'no such host' })).code, 'host')
  }))

test('a database that is none, or newer, is left as it is and named, with the way out', () =>
  inFolder(async (dataFolder) => {
    for (const name of ['auth.db', 'sequencer.db']) {
      const path = join(dataFolder, name)
      writeFileSync(path, 'this is no database, whatever its name says. '.repeat(100))
      const unreadable = await refusal({ dataFolder })
      assert.is(unreadable.code, 'database-unreadable')
      assert.ok(unreadable.message.includes(path))
      assert.match(unreadable.message, /backup/)
      assert.match(readFileSync(path, 'utf8'), /^this is no database/)

      writeFileSync(path, '')
      const newer = new Database(path)
      newer.pragma('user_version = 999')
      newer.close()
      const refused = await refusal({ dataFolder })
      assert.is(refused.code, 'database-newer')
      assert.match(refused.message, /[Uu]pdate UNITED/)
      writeFileSync(path, '')
    }
    writeFileSync(join(dataFolder, 'relay.key'), 'no key')
    assert.is((await refusal({ dataFolder })).code, 'relay-key-unreadable')
  }))

test('a data folder that is none is named', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    assert.is((await refusal({ dataFolder: file })).code, 'data-folder')
    assert.is((await refusal({ dataFolder: join(file, 'below') })).code, 'data-folder')
    // The superuser may write everywhere.
    if (process.getuid?.() === 0) return
    chmodSync(folder, 0o500)
    assert.is((await refusal({ dataFolder: folder })).code, 'data-folder')
    chmodSync(folder, 0o700)
  }))

test('two servers do not share a folder', () =>
  inFolder(async (dataFolder) => {
    const first = await startServer({ host: '127.0.0.1', port: 0, dataFolder })
    const error = await refusal({ dataFolder })
    assert.is(error.code, 'data-in-use')
    assert.ok(error.message.includes(dataFolder))
    const ann = await Client.register(first.url, 'ann')
    await ann.close()
    await first.stop()
  }))

interface Ended {
  code: number | null
  out: string
  err: string
}

function runMain(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = fork(main, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  // Node raises no 'close' for a child that was disconnected first.
  const ended = Promise.all([once(child, 'exit'), textOf(child.stdout), textOf(child.stderr)])
  return { child, ended: ended.then(([, out, err]) => ({ code: child.exitCode, out, err })) }
}

/** @returns the address that the command tells its parent */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('it ended instead')))
    child.once('message', (message: { type?: unknown; url?: unknown }) => {
      assert.is(message.type, 'listening')
      resolve(String(message.url))
    })
  })
}

async function textOf(stream: Readable | null): Promise<string> {
  return stream ? text(stream) : ''
}

test('the command says in one line where it listens, tells its parent, and stops on every way of asking', () =>
  inFolder(async (dataFolder) => {
    const ways: [(child: ChildProcess) => void, number][] = [
      [(child) => child.send({ type: 'stop' }), 0],
      [(child) => child.disconnect(), 0],
      [(child) => child.kill('SIGTERM'), 143],
      [(child) => child.kill('SIGINT'), 130],
    ]
    for (const [ask, code] of ways) {
      const { child, ended } = runMain(['--port', '0', '--data', dataFolder])
      const url = await listening(child)
      assert.is((await fetch(`${url}/v1/health`)).status, 200)
      ask(child)
      assert.equal(await ended, { code, out: `UNITED server listening on ${url}\n`, err: '' })
    }
  }))

test('a server process that is killed outright has every message that it answered for', () =>
  inFolder(async (dataFolder) => {
    const first = runMain(['--port', '0', '--data', dataFolder])
    const url = await listening(first.child)
    const ann = await Client.register(url, 'ann')
    const { id } = await ann.create('kept')
    const said: string[] = []
    const talk = async () => {
      for (;;) {
        const message = ann.message(id)
        const { seq } = await ann.submit(message)
        said[seq - 1] = base64(message)
        if (said.length === 100) first.child.kill('SIGKILL')
      }
    }
    await Promise.all([talk(), talk(), talk()].map((talking) => endsWithTheServer(talking)))
    await first.ended

    const second = await startServer({ host: '127.0.0.1', port: 0, dataFolder })
    const again = await Client.connect(second.url, ann.device, ann.grant)
    const log = await again.log(id)
    assert.ok(said.length >= 100)
    assert.equal(
      log.map(({ seq }) => seq),
      log.map((_, index) => index + 1),
    )
    assert.equal(
      log.slice(0, said.length).map(({ envelope }) => envelope),
      said,
    )
    await again.close()
    await second.stop()
  }))

async function endsWithTheServer(work: Promise<unknown>): Promise<void> {
  await work.then(
    () => assert.unreachable(),
    (error: unknown) => assert.is(errorCode(error), 'closed'),
  )
}

test('the command says what is wrong without a stack, and exits with 1, or with 2 for wrong options', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const refused = await runMain(['--port', '0', '--data', file]).ended
    assert.is(refused.code, 1)
    assert.ok(refused.err.includes(file))
    assert.not.match(refused.err, /\n {4}at /)
    for (const args of [['--nonsense'], ['--port', 'x'], ['--port', '70000'], ['surplus']]) {
      assert.is((await runMain(args).ended).code, 2, args.join(' '))
    }
    const help = await runMain(['--help']).ended
    assert.is(help.code, 0)
    assert.match(help.out, /--port/)
  }))

test.run()
