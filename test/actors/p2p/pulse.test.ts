import type { Connection, StreamHandler } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Pulse } from '../../../actors/p2p/pulse.ts'
import { eventually } from '../../support/eventually.ts'

const pulses = suite('the pulse of connections')
const nodes: Libp2p[] = []
const own = await node()

async function node(services = {}): Promise<Libp2p> {
  const made = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
    services,
  })
  nodes.push(made)
  return made
}

async function connectTo(peer: Libp2p): Promise<Connection> {
  return own.dial(peer.getMultiaddrs())
}

/** Feels for one connection, quickly, until `done`. */
async function feel(connection: Connection, what: string, done: (pulse: Pulse) => boolean): Promise<void> {
  const pulse = new Pulse({ connections: () => [connection], everyMs: 20, patienceMs: 100 })
  pulse.start()
  await eventually(what, () => done(pulse))
  pulse.stop()
}

/** A peer that does with pings what it is told to, and how many have come. */
async function peerThat(handles: StreamHandler): Promise<{ connection: Connection; pings: () => number }> {
  const peer = await node()
  let count = 0
  await peer.handle('/ipfs/ping/1.0.0', (stream, connection) => {
    count++
    return handles(stream, connection)
  })
  return { connection: await connectTo(peer), pings: () => count }
}

pulses('knows the round trip of whoever answers, in whole milliseconds', async () => {
  const connection = await connectTo(await node({ ping: ping() }))
  await feel(connection, 'it was measured', (pulse) => pulse.roundTripOf(connection) !== null)
  assert.is(connection.status, 'open')
})

pulses('ends the connection to whoever leaves several pings in a row without an echo', async () => {
  const { connection, pings } = await peerThat(() => undefined)
  await feel(connection, 'it is given up', () => connection.status !== 'open')
  assert.is(pings(), 3)
})

pulses('keeps the connection when only some pings go unanswered', async () => {
  let silent = 0
  const { connection, pings } = await peerThat(async (stream) => {
    silent = (silent + 1) % 3
    if (silent !== 0) return
    for await (const chunk of stream) stream.send(chunk)
  })
  await feel(connection, 'many went by', () => pings() >= 10 || connection.status !== 'open')
  assert.is(connection.status, 'open')
})

pulses('takes a refusal for a sign of life', async () => {
  const { connection, pings } = await peerThat((stream) => stream.abort(new Error('no')))
  await feel(connection, 'many went by', () => pings() >= 10 || connection.status !== 'open')
  assert.is(connection.status, 'open')
})

pulses('is not fooled by a clock that is set back', async () => {
  const connection = await connectTo(await node({ ping: ping() }))
  const real = Date.now
  let jump = 0
  Date.now = () => real() + (jump -= 3_600_000)
  try {
    await feel(connection, 'it was measured', (pulse) => pulse.roundTripOf(connection) !== null)
    await feel(connection, 'it is no time at all', (pulse) => {
      const roundTrip = pulse.roundTripOf(connection)
      return roundTrip !== null && roundTrip >= 0
    })
  } finally {
    Date.now = real
  }
})

pulses.after(async () => {
  await Promise.all(nodes.map(async (each) => each.stop()))
})
pulses.run()
