import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { TokenBucket } from '../../../server/gateway/token-bucket.ts'
import { UnitedError } from '../../../shared/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { Client, ControlSocket, register, makeDevice } from '../control-client.ts'
import { codeOf, sleep, withServer } from '../test-server.ts'

test('a bucket lets through what it holds, names the wait, and refuses all until it is over', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0)
  assert.equal(
    [1, 1, 1, 1].map((amount) => bucket.take(amount, 0)),
    [0, 0, 0, 250],
  )
  // There is enough again for one, yet what was refused is to come first.
  assert.is(bucket.take(1, 150), 100)
  assert.is(bucket.take(1, 250), 0)
  assert.is(bucket.take(3, 250), 250)
  assert.is(bucket.take(3, 500), 0)
  assert.is(bucket.take(3, 500), 300)
  // It never holds more than its burst.
  assert.is(bucket.take(3, 100_000), 0)
  assert.is(bucket.take(1, 100_000), 250)
})

test('an account that submits too much is refused with the time to wait, and nobody else is', () =>
  withServer({ limits: { account: { submissions: { perSecond: 20, burst: 5 } } } }, async ({ url }) => {
    const ann = await Client.register(url, 'ann')
    const second = await Client.connect(url, ann.device, ann.grant)
    const ben = await Client.register(url, 'ben')
    const { id: channel } = await ann.create('busy')
    await ben.join(channel)
    const burst = Array.from({ length: 8 }, () => ann.message(channel))
    const outcomes = await Promise.allSettled(burst.map((message) => ann.submit(message)))
    assert.equal(
      outcomes.map(({ status }) => status),
      [...Array<string>(5).fill('fulfilled'), ...Array<string>(3).fill('rejected')],
    )
    const refusal = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    )[0]
    assert.ok(refusal instanceof UnitedError)
    assert.is(refusal.code, 'rate-limited')
    const retryAfterMs = Number(refusal.details?.['retryAfterMs'])
    assert.ok(retryAfterMs > 0)
    // Another connection of the account is no way around it.
    assert.is(await codeOf(second.submit(ann.message(channel))), 'rate-limited')
    await ben.submit(ben.message(channel))
    await sleep(retryAfterMs + 20)
    await ann.submit(ann.message(channel))
    await Promise.all([ann, second, ben].map((client) => client.close()))
  }))

test('what an account submits is limited in bytes as well', () =>
  withServer(
    { limits: { account: { submissionBytes: { perSecond: 10_000, burst: 100_000 } } } },
    async ({ url }) => {
      const ann = await Client.register(url, 'ann')
      const { id: channel } = await ann.create('large')
      const large = () =>
        ann.message(channel, { attachments: [{ name: 'a', type: 'b', data: new Uint8Array(50_000) }] })
      await ann.submit(large())
      assert.is(await codeOf(ann.submit(large())), 'rate-limited')
      await ann.close()
    },
  ))

test('an account has so many connections, and one more when one has gone', () =>
  withServer({ limits: { account: { connections: 2 } } }, async ({ url }) => {
    const ann = await Client.register(url, 'ann')
    const second = await Client.connect(url, ann.device, ann.grant)
    const third = await new ControlSocket(url).opened()
    assert.is(await codeOf(third.hello(ann.grant.accessToken)), 'too-many-connections')
    const { code, error } = await third.goodbye()
    assert.is(code, 4429)
    assert.equal(error?.details, { limit: 2, retryAfterMs: 15_000 })
    const other = await new ControlSocket(url).opened()
    await other.hello((await register(url, 'other', makeDevice())).accessToken)
    await second.close()
    const again = await eventually('there is room', async () => {
      const socket = await new ControlSocket(url).opened()
      return socket.hello(ann.grant.accessToken).then(
        () => socket,
        () => undefined,
      )
    })
    await Promise.all([ann.close(), other.close(), again.close()])
  }))

test.run()
