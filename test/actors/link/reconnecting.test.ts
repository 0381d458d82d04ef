import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LinkView } from '../../../shared/bridge.ts'
import { killAndWait } from '../../support/crypto-actor.ts'
import { eventually } from '../../support/eventually.ts'
import { credentials, startLink } from '../../support/link-actor.ts'
import { rejection } from '../../support/rejection.ts'
import { startServerProgram } from '../../support/server-program.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const reconnecting = suite('the link')
const folder = temporaryFolder()
const dataFolder = join(folder.path, 'server')
let server = await startServerProgram(dataFolder)
const { url } = server
const restart = async () => (server = await startServerProgram(dataFolder, Number(server.port)))
const link = await startLink(url)
const { account, refreshToken, accessToken, expiresAt } = await link.call.register(credentials('alice'))
const session = { refreshToken, access: { accessToken, expiresAt } }

/** Without the repetitions that say something new of the same state. */
const changesIn = (states: readonly LinkView[]) =>
  states.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])

reconnecting('is connecting, then online when the server has said who this is', async () => {
  await link.call.connect(session)
  const view = await link.in('online')
  assert.is(view.error, null)
  assert.is(view.retryAt, null)
  assert.equal(changesIn(link.states), ['offline', 'connecting', 'online'])
  assert.ok(await eventually('a round trip', async () => (await link.call.state()).rttMs))
  assert.equal(link.welcomes.at(-1)?.account, account)
  assert.equal(await link.call.snapshot(), link.welcomes.at(-1))
})

reconnecting('ends what is in flight with `offline` when the server dies', async () => {
  server.process.kill('SIGSTOP')
  const call = rejection(link.call.lookup({ accounts: [account.id] }))
  // The health check is answered by nobody either: the call before it has left.
  assert.is((await link.call.state()).state, 'online')
  const exited = new Promise((resolve) => server.process.once('exit', resolve))
  server.process.kill('SIGKILL')
  await exited
  assert.is((await call).code, 'offline')
})

reconnecting('says while the server is away why, and when it tries again', async () => {
  const view = await eventually('a planned attempt', async () => {
    const state = await link.call.state()
    return state.retryAt !== null && state
  })
  assert.is(view.state, 'offline')
  assert.is(view.error?.code, 'offline')
  assert.match(view.error?.message ?? '', url)
  assert.is((await rejection(link.call.lookup({ accounts: [account.id] }))).code, 'offline')
})

reconnecting('is online again by itself when the server is back on its port', async () => {
  const before = link.welcomes.length
  const statesBefore = link.states.length
  await restart()
  await link.in('online')
  await eventually('another welcome', () => link.welcomes.length === before + 1)
  assert.is((await link.call.lookup({ accounts: [account.id] })).length, 1)
  const later = changesIn(link.states.slice(statesBefore))
  assert.is(later.indexOf('online'), later.length - 1, 'online was said once, and last')
  assert.is(later.at(-2), 'connecting')
  assert.is((await link.call.state()).lastError?.error.code, 'offline')
})

reconnecting('has the reason that the server gave when it stops in good order', async () => {
  const before = link.states.length
  await server.stop()
  await eventually('it was told', () =>
    link.states.slice(before).some(({ state, error }) => state === 'offline' && error?.code === 'stopping'),
  )
  await restart()
  await link.in('online')
})

reconnecting('announces its peer again after every reconnect', async () => {
  const bob = await startLink(url)
  const grant = await bob.call.register(credentials('bob'))
  await bob.call.connect({ refreshToken: grant.refreshToken })
  await bob.in('online')
  const { id } = await link.call.createChannel({ name: 'general', topic: '' })
  await bob.call.joinChannel({ channel: id })
  const peer = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
  const bobSees = () =>
    eventually('bob sees the peer', async () =>
      (await bob.call.snapshot())?.peers.some((other) => other.peer === peer),
    )
  await link.call.announce(peer)
  await bobSees()
  await server.stop()
  await eventually('bob is cut off', async () => (await bob.call.state()).state !== 'online')
  await restart()
  await bob.in('online')
  await bobSees()
  await bob.stop()
})

reconnecting('is offline, without a plan, after `disconnect`, and online again after `connect`', async () => {
  await link.call.disconnect()
  const view = await link.call.state()
  assert.equal([view.state, view.error, view.retryAt], ['offline', null, null])
  assert.is(await link.call.snapshot(), null)
  await link.call.connect(session)
  await link.in('online')
})

reconnecting('does not answer for a session of its life before when the actor is killed', async () => {
  await killAndWait(link.supervisor, 'link')
  assert.is((await link.call.state()).state, 'offline')
  assert.is(await link.call.snapshot(), null)
})

reconnecting.after(async () => {
  await link.stop()
  await server.stop()
  folder.remove()
})
reconnecting.run()
