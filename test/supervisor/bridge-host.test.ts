import Database from 'better-sqlite3'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { cryptoContract } from '../../actors/crypto/contract.ts'
import { startServer } from '../../server/server.ts'
import {
  BridgeAnswer,
  bridgeEvents,
  bridgeMethods,
  type BridgeEvent,
  type BridgeMethod,
  type BridgeParams,
  type SessionView,
} from '../../shared/bridge.ts'
import { checker } from '../../shared/schema.ts'
import { Desktop } from '../../supervisor/desktop.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const bridges = suite('the bridge')
const folder = temporaryFolder()
const server = await startServer({ host: '127.0.0.1', port: 0, dataFolder: join(folder.path, 'server') })
const desktop = new Desktop({ dataFolder: folder.path, profile: 'default', server: server.url })
await desktop.start()
const answers = checker('the answer', BridgeAnswer)
const credentials = { name: 'alice', password: 'a long enough password' }

/** Everything that is answered fits its schema, and no error carries more than its words. */
async function invoke(method: string, params: unknown): Promise<BridgeAnswer> {
  const answer = answers.check(await desktop.bridge.invoke(method as BridgeMethod, params))
  if (answer.ok) checker('the result', bridgeMethods[method as BridgeMethod].result).check(answer.result)
  else assert.not.match(JSON.stringify(answer.error), /\\n\s+at |node:internal|\.ts:\d+/)
  return answer
}

async function refusal(method: string, params: unknown): Promise<string> {
  const answer = await invoke(method, params)
  if (answer.ok) throw new Error(`${method} was answered with ${JSON.stringify(answer.result)}`)
  assert.ok(answer.error.message.length > 10)
  return answer.error.code
}

async function result<M extends BridgeMethod>(method: M, params: BridgeParams<M>): Promise<unknown> {
  const answer = await invoke(method, params)
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return answer.result
}
const session = async () => (await result('session.get', {})) as SessionView

const heard: BridgeEvent[] = []
const phases: string[] = []
desktop.bridge.subscribe((event, data) => {
  checker('the event', bridgeEvents[event]).check(data)
  heard.push(event)
  if (event === 'session') phases.push((data as SessionView).phase)
})
let changes = 0
desktop.session.on('change', () => changes++)

bridges('refuses methods that are none as malformed', async () => {
  for (const method of ['session.delete', '', 'constructor', 'toString', '__proto__', 'hasOwnProperty'])
    assert.is(await refusal(method, {}), 'malformed', method)
})

bridges('refuses parameters that do not fit as malformed, whoever is signed in', async () => {
  for (const method of Object.keys(bridgeMethods))
    for (const params of [undefined, null, [], 'text', { extra: 1 }])
      assert.is(await refusal(method, params), 'malformed', `${method} ${JSON.stringify(params)}`)
})

bridges('answers without anybody signed in what needs nobody, and nothing else', async () => {
  const id = uuidv7()
  const needsSomebody: [BridgeMethod, object][] = [
    ['channels.list', {}],
    ['channels.create', { name: 'general', topic: '' }],
    ['channels.join', { channel: id }],
    ['messages.range', { channel: id, from: 1, to: 1 }],
    ['messages.pending', { channel: id }],
    ['messages.trace', { id }],
    ['channels.compare', { channel: id }],
    ['keys.changes', {}],
    ['messages.send', { id, channel: id, text: 'hello' }],
    ['messages.retry', { id }],
    ['peers.list', {}],
  ]
  for (const [method, params] of needsSomebody) assert.is(await refusal(method, params), 'signed-out', method)
  assert.is((await session()).phase, 'signed-out')
  assert.is(await refusal('actors.kill', { name: 'nobody' }), 'unknown-actor')
  for (const method of ['link.get', 'actors.list', 'session.logout'] as const) await result(method, {})
})

bridges('says why a sign-in failed, and is ready for the next', async () => {
  assert.is(await refusal('session.login', credentials), 'wrong-password')
  assert.is((await session()).phase, 'signed-out')
  await result('session.register', credentials)
  assert.is((await session()).account?.name, 'alice')
  assert.is(await refusal('session.login', credentials), 'busy')
  assert.is((await session()).phase, 'signed-in', 'who is signed in stays so')
})

bridges('carries a message from the window to the log', async () => {
  await eventually(
    'online',
    async () => ((await result('link.get', {})) as { state: string }).state === 'online',
  )
  const channel = (await result('channels.create', { name: 'general', topic: '' })) as { id: string }
  const id = uuidv7()
  await result('messages.send', { id, channel: channel.id, text: 'hello' })
  await eventually('confirmed', async () => {
    const messages = await result('messages.range', { channel: channel.id, from: 1, to: 10 })
    return (messages as { seq: number | null }[])[0]?.seq === 1
  })
  assert.is(await refusal('channels.create', { name: 'general', topic: '' }), 'channel-exists')
  assert.is(await refusal('channels.join', { channel: id }), 'unknown-channel')
  assert.is(await refusal('messages.retry', { id: uuidv7() }), 'unknown-message')
  for (const event of ['session', 'channels', 'messages', 'reopened', 'link', 'actors'] as const)
    assert.ok(heard.includes(event), event)
})

bridges('shows the actors, and ends one that it is told to end', async () => {
  const names = async () => ((await result('actors.list', {})) as { name: string }[]).map(({ name }) => name)
  assert.equal(await names(), ['main', 'crypto', 'link', 'account', 'blocks', 'p2p', 'chat'])
  await result('actors.kill', { name: 'blocks' })
  await eventually('it is back', async () =>
    ((await result('actors.list', {})) as { restarts: number; state: string }[]).some(
      ({ restarts, state }) => restarts === 1 && state === 'running',
    ),
  )
  await result('actors.restart', { name: 'blocks' })
  assert.is(await refusal('actors.restart', { name: 'nobody' }), 'unknown-actor')
})

bridges('says that a log was written by a newer UNITED, and leaves nobody signed in', async () => {
  const account = desktop.session.signedIn?.account.id ?? ''
  const key = await desktop.supervisor.ref(cryptoContract).call.subkey('chat')
  await result('session.logout', {})
  const path = join(folder.path, 'profiles', 'default', 'accounts', account, 'chat.db')
  const setVersion = (version: number) => {
    const database = new Database(path)
    database.pragma(`cipher='chacha20'`)
    database.key(Buffer.from(key))
    const before = Number(database.pragma('user_version', { simple: true }))
    database.pragma(`user_version = ${version}`)
    database.close()
    return before
  }
  const known = setVersion(99)
  for (let attempt = 0; attempt < 2; attempt++)
    assert.is(await refusal('session.login', credentials), 'database-newer')
  const { phase, account: nobody, knownNames } = await session()
  assert.equal([phase, nobody, knownNames], ['signed-out', null, ['alice']])
  assert.equal(
    ((await result('actors.list', {})) as { name: string }[]).map(({ name }) => name),
    ['main', 'crypto', 'link'],
  )
  await result('session.register', { ...credentials, name: 'bob' })
  await result('session.logout', {})
  setVersion(known)
  await result('session.login', credentials)
  await result('session.logout', {})
})

bridges('says that a log cannot be read, and leaves the file for a rescue', async () => {
  await result('session.login', credentials)
  const account = desktop.session.signedIn?.account.id ?? ''
  await result('session.logout', {})
  writeFileSync(
    join(folder.path, 'profiles', 'default', 'accounts', account, 'chat.db'),
    Buffer.alloc(8192, 7),
  )
  assert.is(await refusal('session.login', credentials), 'database-unreadable')
  assert.is((await session()).phase, 'signed-out')
})

bridges('says that the server cannot be reached', async () => {
  await server.stop()
  assert.is(await refusal('session.login', credentials), 'offline')
  assert.is((await session()).phase, 'signed-out')
})

bridges('tells the truth last, however the answers of crypto overtake each other', async () => {
  for (let attempt = 0; attempt < 100; attempt++) {
    assert.is(await refusal('session.login', credentials), 'offline')
    await eventually('every change is told', () => phases.length === changes)
    assert.is(phases.at(-1), 'signed-out')
  }
})

bridges.after(async () => {
  await desktop.stop()
  await server.stop()
  folder.remove()
})
bridges.run()
