import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answerAboutActors } from '../../supervisor/actor-commands.ts'
import { ActorDesk } from '../../supervisor/actor-desk.ts'
import { answerCommands, ask } from '../../supervisor/command-socket.ts'
import { eventually } from '../support/eventually.ts'
import { rejection } from '../support/rejection.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { echoSpec, supervise } from './runtime/fixtures/start.ts'

const commands = suite('the command socket')
const folder = temporaryFolder()
const supervisor = await supervise([echoSpec()])
const took = { from: 'written', to: 'confirmed', count: 2, p50Ms: 3, p99Ms: 4 } as const
const answer = answerAboutActors(new ActorDesk(supervisor, join(folder.path, 'recordings')), {
  address: () => 'http://127.0.0.1:1/?ticket=a',
  deliveryTimes: async () => [took],
})
const close = await answerCommands(folder.path, answer)

const socketPath = (of: string) =>
  join(
    tmpdir(),
    `united-${userInfo().uid}`,
    `${createHash('sha256').update(of).digest('hex').slice(0, 20)}.sock`,
  )

/** A connection whose end, of whatever kind, can be waited for. */
function caller() {
  const socket = connect(socketPath(folder.path))
  socket.on('error', () => socket.destroy())
  return { socket, closed: new Promise((resolve) => socket.once('close', resolve)) }
}

/** What is answered to one line, byte for byte. */
async function raw(line: string): Promise<unknown> {
  const socket = connect(socketPath(folder.path))
  socket.write(line)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return JSON.parse(text)
}

commands('says how long messages took', async () => {
  assert.equal(await ask(folder.path, { command: 'delivery' }), { delivery: [took] })
})

commands('lists the actors', async () => {
  const listed = await ask(folder.path, { command: 'list' })
  assert.ok(listed && 'actors' in listed)
  assert.equal(
    listed.actors.map(({ name, state }) => [name, state]),
    [
      ['main', 'running'],
      ['echo', 'running'],
    ],
  )
})

commands('kills one, which its supervisor starts again', async () => {
  assert.equal(await ask(folder.path, { command: 'kill', actor: 'echo' }), { killed: 'echo' })
  await eventually('it is back', () => supervisor.children[0]?.incarnation === 2)
  const unknown = await ask(folder.path, { command: 'kill', actor: 'nobody' })
  assert.ok(unknown && 'error' in unknown)
  assert.is(unknown.error.code, 'unknown-actor')
})

commands('says where the window can be opened', async () => {
  assert.equal(await ask(folder.path, { command: 'address' }), { address: 'http://127.0.0.1:1/?ticket=a' })
})

commands('answers a malformed line with an error, without a stack, and goes on', async () => {
  for (const line of ['junk\n', '{}\n', '{"command":"stop"}\n', '\n', 'null\n', '{"command":"kill"}\n']) {
    const reply = (await raw(line)) as { error: { code: string; message: string } }
    assert.is(reply.error.code, 'malformed', line)
    assert.equal(Object.keys(reply.error).toSorted(), ['code', 'message'])
    assert.not.match(reply.error.message, /\n\s+at /)
  }
  assert.ok(await ask(folder.path, { command: 'list' }))
})

commands('outlives whoever hangs up without a word, or says too much', async () => {
  for (const words of ['', '{"command":', '{"command":"list"}\n'.repeat(1000)]) {
    const { socket, closed } = caller()
    await once(socket, 'connect')
    socket.write(words)
    socket.destroy()
    await closed
  }
  const { socket, closed } = caller()
  socket.write('x'.repeat(1024 * 1024))
  await closed
  assert.ok(await ask(folder.path, { command: 'list' }))
})

commands('keeps a folder to one program', async () => {
  const error = await rejection(answerCommands(folder.path, answer))
  assert.is(error.code, 'folder-in-use')
  assert.match(error.message, folder.path)
  assert.ok(await ask(folder.path, { command: 'list' }), 'the first still answers')
})

commands('is for its user alone', () => {
  if (process.platform === 'win32') return
  assert.is(statSync(join(tmpdir(), `united-${userInfo().uid}`)).mode & 0o077, 0)
})

commands('is not opened in a folder that others may enter', async () => {
  if (process.platform === 'win32') return
  const shared = join(tmpdir(), `united-${userInfo().uid}`)
  chmodSync(shared, 0o755)
  try {
    assert.is((await rejection(answerCommands(join(folder.path, 'other'), answer))).code, 'unsafe-folder')
  } finally {
    chmodSync(shared, 0o700)
  }
})

commands('takes the place of one whose program was killed', async () => {
  const elsewhere = join(folder.path, 'killed')
  const module = new URL('../../supervisor/command-socket.ts', import.meta.url).href
  const script = `
    import { answerCommands } from ${JSON.stringify(module)}
    await answerCommands(${JSON.stringify(elsewhere)}, () => ({ address: 'the first' }))
    console.log('ready')`
  const program = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(program.stdout, 'data')
  assert.equal(await ask(elsewhere, { command: 'address' }), { address: 'the first' })
  program.kill('SIGKILL')
  await once(program, 'exit')
  assert.ok(process.platform === 'win32' || existsSync(socketPath(elsewhere)), 'the file was left behind')
  assert.is(await ask(elsewhere, { command: 'address' }), undefined)
  const end = await answerCommands(elsewhere, () => ({ address: 'the second' }))
  assert.equal(await ask(elsewhere, { command: 'address' }), { address: 'the second' })
  await end()
})

commands('is gone when it was closed, and nobody answers', async () => {
  await close()
  assert.is(await ask(folder.path, { command: 'list' }), undefined)
  const again = await answerCommands(folder.path, answer)
  assert.ok(await ask(folder.path, { command: 'list' }))
  await again()
})

commands.after(async () => {
  await close()
  await supervisor.stop()
  folder.remove()
})
commands.run()
