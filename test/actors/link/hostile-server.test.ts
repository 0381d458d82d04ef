import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { WebSocket } from 'ws'
import { limits } from '../../../shared/limits.ts'
import { eventually } from '../../support/eventually.ts'
import { anySession, anyWelcome, startHostileServer } from '../../support/hostile-server.ts'
import { startLink } from '../../support/link-actor.ts'
import { rejection } from '../../support/rejection.ts'

const hostile = suite('a server that breaks the protocol')
const welcome = JSON.stringify(anyWelcome)

const misdeeds: Record<string, (socket: WebSocket) => void> = {
  'sends what is not JSON': (socket) => socket.send('junk'),
  'sends binary junk': (socket) => socket.send(Buffer.from([0xff, 0xfe, 0])),
  'sends an unknown frame': (socket) => socket.send('{"type":"surprise"}'),
  'sends an event with malformed data': (socket) =>
    socket.send('{"type":"event","event":"peers","data":[{"peer":"nobody"}]}'),
  'sends a frame that is too large': (socket) =>
    socket.send(JSON.stringify('x'.repeat(limits.controlFrameBytes))),
  'says goodbye with malformed words': (socket) => socket.send('{"type":"goodbye","error":"bye"}'),
}

for (const [deed, misbehave] of Object.entries(misdeeds)) {
  hostile(`that ${deed} after its welcome is dropped, and tried again later`, async () => {
    const server = await startHostileServer((socket) => {
      socket.send(welcome)
      misbehave(socket)
    })
    const link = await startLink(server.url)
    await link.call.connect(anySession)
    await eventually('it is tried again', () => server.connections() >= 2)
    await eventually('it was left', () => server.left.length > 0)
    assert.ok(server.left[0] === 4400 || server.left[0] === 1009, `${server.left[0]}`)
    // Not at once and for ever: the attempts are spaced out, and the window can say when the next one is.
    const planned = await eventually('a planned attempt', () =>
      link.states.find(({ retryAt }) => retryAt !== null),
    )
    assert.is(planned.state, 'offline')
    assert.ok(planned.error)
    await link.stop()
    await server.stop()
  })
}

hostile('is not listened to after that, and its events are not passed on', async () => {
  const event = JSON.stringify({ type: 'event', event: 'relays', data: ['/ip4/127.0.0.1/tcp/1/ws'] })
  const server = await startHostileServer((socket) => {
    socket.send(welcome)
    socket.send('junk')
    socket.send(event)
  })
  const link = await startLink(server.url)
  const heard: string[][] = []
  const { linkContract } = await import('../../../actors/link/contract.ts')
  link.supervisor.ref(linkContract).on('relays', (relays) => heard.push(relays))
  await link.call.connect(anySession)
  await eventually('it is tried three times', () => server.connections() >= 3)
  assert.equal(heard, [])
  await link.stop()
  await server.stop()
})

hostile('and never closes its end is left all the same', async () => {
  const server = await startHostileServer((socket) => {
    socket.send(welcome)
    socket.send('junk')
    // It reads nothing more: neither the close frame nor the end.
    socket.pause()
  })
  const link = await startLink(server.url)
  await link.call.connect(anySession)
  await eventually('it is tried again', () => server.connections() >= 2)
  await link.stop()
  await server.stop()
})

hostile('by answering a request with something else fails that request, and the link goes on', async () => {
  const server = await startHostileServer((socket, frame) => {
    if (frame.type === 'hello') return socket.send(welcome)
    socket.send(JSON.stringify({ type: 'reply', id: frame.id + 1000, ok: true, result: {} }))
    socket.send(JSON.stringify({ type: 'reply', id: frame.id, ok: true, result: { wrong: 1 } }))
    return undefined
  })
  const link = await startLink(server.url)
  await link.call.connect(anySession)
  await link.in('online')
  assert.is((await rejection(link.call.lookup({ accounts: [] }))).code, 'malformed')
  assert.is((await link.call.state()).state, 'online')
  await link.stop()
  await server.stop()
})

hostile('by not answering is left by `disconnect`, which ends what is in flight', async () => {
  const server = await startHostileServer((socket, frame) => {
    if (frame.type === 'hello') socket.send(welcome)
    else socket.pause()
  })
  const link = await startLink(server.url)
  await link.call.connect(anySession)
  await link.in('online')
  const call = rejection(link.call.lookup({ accounts: [] }))
  await link.call.state()
  await link.call.disconnect()
  assert.is((await call).code, 'offline')
  await link.stop()
  await server.stop()
})

hostile.run()
