import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { limits } from '../../../shared/limits.ts'
import { eventually } from '../../support/eventually.ts'
import { Client } from '../control-client.ts'
import { sleep, withServer, type TestServer } from '../test-server.ts'

/** More than the buffers of the system hold between two ends of a socket. */
const messages = 400
const never = 60_000

/** Somebody who talks, somebody who listens, and somebody who does not read what they are told. */
async function talkTo(server: TestServer) {
  const talker = await Client.register(server.url, 'talker')
  const listener = await Client.register(server.url, 'listener')
  const sleeper = await Client.register(server.url, 'sleeper')
  const { id: channel } = await talker.create('loud')
  await listener.join(channel)
  await sleeper.join(channel)
  sleeper.socket.socket.pause()
  const data = new Uint8Array(limits.inlineAttachmentBytes)
  for (let n = 0; n < messages; n++) {
    await talker.submit(talker.message(channel, { attachments: [{ name: 'a', type: 'b', data }] }))
  }
  // Nobody waited for the one that does not read.
  await eventually('the listener heard all', () => listener.socket.confirmed(channel).length === messages)
  return { talker, listener, sleeper, channel }
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1)
const seqs = (log: readonly { seq: number }[]) => log.map(({ seq }) => seq)

test('a client that reads too slowly is told so and where its channels end, and catches up by itself', () =>
  withServer({ limits: { outbound: { softBytes: 256 * 1024, stallMs: never } } }, async (server) => {
    const { talker, listener, sleeper, channel } = await talkTo(server)
    await talker.create('meanwhile-one')
    const { id: second } = await talker.create('meanwhile-two')
    sleeper.socket.socket.resume()
    const heads = await eventually('the sleeper is told where the channel ends', () =>
      sleeper.socket.events('heads').at(-1),
    )
    assert.equal(heads, [{ channel, head: messages }])
    assert.equal(sleeper.socket.events('lagging'), [{ bytes: 256 * 1024, dropAfterMs: never }])
    const pushed = sleeper.socket.confirmed(channel)
    assert.ok(pushed.length > 0 && pushed.length < messages, `${pushed.length} were pushed`)
    assert.equal(seqs(pushed), upTo(pushed.length))
    // What else changed meanwhile is told too.
    assert.ok(sleeper.socket.events('channel').some(({ id }) => id === second))

    const after = pushed.length
    const { messages: page } = await sleeper.socket.request('message.history', { channel, after, limit: 1 })
    assert.equal(seqs(page), [after + 1])
    assert.equal(seqs(await sleeper.log(channel)), upTo(messages))
    await talker.submit(talker.message(channel))
    await eventually('it is pushed to again', () =>
      sleeper.socket.confirmed(channel).some(({ seq }) => seq === messages + 1),
    )
    await Promise.all([talker, listener, sleeper].map((client) => client.close()))
  }))

test('a client that takes nothing is let go with the reason, and has lost nothing when it is back', () =>
  withServer({ limits: { outbound: { stallMs: 200, lingerMs: never } } }, async (server) => {
    const { talker, listener, sleeper, channel } = await talkTo(server)
    await sleep(600)
    sleeper.socket.socket.resume()
    assert.is((await sleeper.socket.goodbye()).code, 4413)
    assert.ok(sleeper.socket.confirmed(channel).length < messages)

    const again = await Client.connect(server.url, sleeper.device, sleeper.grant)
    assert.is(again.welcome.channels.find(({ id }) => id === channel)?.head, messages)
    assert.equal(seqs(await again.log(channel)), upTo(messages))
    await Promise.all([talker, listener, again].map((client) => client.close()))
  }))

test('a client that asks and does not read the answers is let go when too much waits for it', () =>
  withServer(
    {
      limits: {
        outbound: { softBytes: 128 * 1024, hardBytes: 256 * 1024, stallMs: never, lingerMs: never },
      },
    },
    async (server) => {
      const asker = await Client.register(server.url, 'asker')
      const { id: channel } = await asker.create('questions')
      for (let n = 0; n < limits.digestsAtOnce; n++) await asker.submit(asker.message(channel))
      const params = { channel, seqs: upTo(limits.digestsAtOnce) }
      asker.socket.socket.pause()
      for (let id = 1_000; id < 6_000; id++) {
        asker.socket.send({ type: 'request', id, method: 'log.digests', params })
        if (id % 20 === 0) await sleep(4)
      }
      asker.socket.socket.resume()
      assert.is((await asker.socket.goodbye()).code, 4413)
    },
  ))

test.run()
