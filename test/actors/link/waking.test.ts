import { join } from 'node:path'
import { mock } from 'node:test'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AccountRequests } from '../../../actors/link/account-requests.ts'
import { ServerLink } from '../../../actors/link/server-link.ts'
import { watchForWaking } from '../../../actors/link/wake-watch.ts'
import { eventually } from '../../support/eventually.ts'
import { credentials } from '../../support/link-actor.ts'
import { startServerProgram } from '../../support/server-program.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const waking = suite('a machine that wakes')

waking('is told from one that is busy, and from a clock that is set back or a little forward', () => {
  mock.timers.enable({ apis: ['setInterval'] })
  const now = { wall: 1_000_000, monotonic: 0 }
  let woken = 0
  const end = watchForWaking(() => woken++, { wall: () => now.wall, monotonic: () => now.monotonic })
  const pass = (wall: number, monotonic: number) => {
    now.wall += wall
    now.monotonic += monotonic
    mock.timers.tick(2_000)
    return woken
  }
  assert.is(pass(2_000, 2_000), 0)
  assert.is(pass(60_000, 60_000), 0, 'busy for a minute')
  assert.is(pass(-3_600_000, 2_000), 0, 'set back by an hour')
  assert.is(pass(4_000, 2_000), 0, 'set forward by two seconds')
  assert.is(pass(3_602_000, 2_000), 1, 'slept for an hour')
  assert.is(pass(2_000, 2_000), 1)
  end()
  assert.is(pass(3_602_000, 2_000), 1)
  mock.timers.reset()
})

waking('finds out at once that the server is gone, and does not wait for its next attempt', async () => {
  const folder = temporaryFolder()
  const server = await startServerProgram(join(folder.path, 'server'))
  const requests = new AccountRequests(server.url)
  const { refreshToken, accessToken, expiresAt } = await requests.register(credentials('alice'))
  const link = new ServerLink(server.url, requests, () => {})
  try {
    link.connect({ refreshToken, access: { accessToken, expiresAt } })
    await eventually('online', () => link.view.state === 'online')
    link.wake()
    await eventually('it was asked', () => link.view.rttMs !== null)

    // Without a word, as a server that went while we slept: its silence alone would be noticed after half a minute.
    server.process.kill('SIGSTOP')
    link.wake()
    await eventually('offline', () => link.view.state !== 'online')

    const exited = new Promise((resolve) => server.process.once('exit', resolve))
    server.process.kill('SIGKILL')
    await exited
    await eventually('a wait of some seconds', () => (link.view.retryAt ?? 0) > Date.now() + 2_000, 60_000)
    const planned = link.view.retryAt
    link.wake()
    await eventually('another attempt', () => link.view.retryAt !== planned)
    assert.ok(Date.now() < (planned ?? 0))
  } finally {
    link.disconnect()
    server.process.kill('SIGKILL')
    folder.remove()
  }
})
waking.run()
