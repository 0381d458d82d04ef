import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../../../server/server.ts'
import { eventually } from '../../support/eventually.ts'
import { credentials, startLink } from '../../support/link-actor.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const tokens = suite('tokens')
const folder = temporaryFolder()
const dataFolder = join(folder.path, 'server')
const server = await startServer({ host: '127.0.0.1', port: 0, dataFolder, accessTokenMs: 1_000 })
const link = await startLink(server.url)
const { refreshToken, accessToken, expiresAt } = await link.call.register(credentials('alice'))
const hour = 3_600_000

tokens.before.each(async () => {
  await link.call.disconnect()
  link.ended.length = 0
})

tokens('that have expired are renewed with the refresh token before they are shown', async () => {
  await eventually('it has expired', () => Date.now() > expiresAt)
  await link.call.connect({ refreshToken, access: { accessToken, expiresAt } })
  await link.in('online')
})

tokens('that have expired by the server’s clock alone are renewed as well', async () => {
  await eventually('it has expired', () => Date.now() > expiresAt)
  await link.call.connect({ refreshToken, access: { accessToken, expiresAt: expiresAt + hour } })
  await link.in('online')
})

tokens('are bought with the refresh token where there are none', async () => {
  await link.call.connect({ refreshToken })
  await link.in('online')
})

tokens('that the server never gave end the session, and nothing more is tried', async () => {
  await link.call.connect({ refreshToken: randomBytes(32).toString('base64') })
  await eventually('it has ended', () => link.ended.length > 0)
  assert.equal(
    link.ended.map(({ code }) => code),
    ['session-expired'],
  )
  const view = await link.call.state()
  assert.equal([view.state, view.error?.code, view.retryAt], ['offline', 'session-expired', null])
})

tokens('that were altered end the session', async () => {
  const altered = `${accessToken.slice(0, -2)}${accessToken.endsWith('AA') ? 'BB' : 'AA'}`
  await link.call.connect({ refreshToken, access: { accessToken: altered, expiresAt: expiresAt + hour } })
  await eventually('it has ended', () => link.ended.length > 0)
  assert.is(link.ended[0]?.code, 'token-invalid')
})

tokens.after(async () => {
  await link.stop()
  await server.stop()
  folder.remove()
})
tokens.run()
