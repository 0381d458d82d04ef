import { multiaddr } from '@multiformats/multiaddr'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { unsignedEnvelope } from '../../support/envelopes.ts'
import { eventually } from '../../support/eventually.ts'
import { leaveAfterwards, startParticipant, type LooseParticipant } from '../../support/participants.ts'
import { startRelay } from '../../support/relay.ts'

const connecting = suite('connections to peers')
const relay = await startRelay()
const [server, channel] = [uuidv7(), uuidv7()]
const started: LooseParticipant[] = []

/** Two who hold a place at the relay and were not introduced: `low` is the one who dials at once. */
async function pair(): Promise<{ low: LooseParticipant; high: LooseParticipant }> {
  const both = [await startParticipant(), await startParticipant()]
  started.push(...both)
  for (const each of both) await each.join(wanting([]))
  const [low, high] = both.toSorted((one, other) => (one.peer < other.peer ? -1 : 1))
  if (!low || !high) throw new Error('there are two')
  return { low, high }
}

const wanting = (peers: string[]) => ({ server, relays: relay.addresses, channels: [channel], peers })
const webrtcTo = (peer: string) => multiaddr(`${relay.addresses[0]}/p2p-circuit/webrtc/p2p/${peer}`)
const directOnes = ({ node }: LooseParticipant, { node: other }: LooseParticipant) =>
  node.getConnections(other.peerId).filter(({ direct, status }) => direct && status === 'open')

async function isHeard(speaker: LooseParticipant, listener: LooseParticipant): Promise<void> {
  const envelope = await eventually('it is sent', async () => {
    const said = unsignedEnvelope(channel)
    return (await speaker.participant.publish(channel, said)) === 1 && said
  })
  await eventually('it is heard', () => listener.heard.some((heard) => Buffer.compare(heard, envelope) === 0))
}

connecting('get their gossip back when its stream breaks and the connection stays', async () => {
  const { low, high } = await pair()
  await low.node.dial(webrtcTo(high.peer))
  await isHeard(low, high)
  await isHeard(high, low)
  const [connection] = directOnes(low, high)
  const stream = connection?.streams.find(
    ({ protocol, direction }) => protocol.startsWith('/meshsub/') && direction === 'outbound',
  )
  if (!stream) throw new Error('gossip has a stream')
  stream.abort(new Error('it breaks'))
  await isHeard(low, high)
  await isHeard(high, low)
  assert.is(directOnes(low, high)[0], connection)
})

connecting('say by what way they go, since when, and how long a round trip takes', async () => {
  const { low, high } = await pair()
  const before = Date.now()
  low.participant.configure(wanting([high.peer]))
  const [waiting] = low.participant.connections
  assert.equal(waiting, {
    ...{ peer: high.peer, transport: 'none', direct: false },
    ...{ rttMs: null, since: null, error: null, attempts: 1 },
  })
  const [connected] = await eventually('they are connected', () =>
    low.lists.find(([first]) => first?.direct === true),
  )
  assert.is(connected?.transport, 'webrtc')
  assert.ok((connected?.since ?? 0) >= before && (connected?.since ?? 0) <= Date.now())
  assert.is(connected?.attempts, 0)
  const measured = await eventually('it was measured', () => {
    const rttMs = low.participant.connections[0]?.rttMs
    return typeof rttMs === 'number' && { rttMs }
  })
  assert.ok(measured.rttMs >= 0 && Number.isFinite(measured.rttMs))
})

connecting('that do not come about say why in plain words, and how often they were tried', async () => {
  const { low } = await pair()
  const { low: gone, high: other } = await pair()
  const missing = gone.peer
  await gone.stop()
  started.splice(started.indexOf(gone), 1)
  await other.stop()
  started.splice(started.indexOf(other), 1)
  low.participant.configure(wanting([missing]))
  // The first answer may come while the relay still lets go of them.
  const tried = await eventually('it is said why', () =>
    low.lists.flat().find(({ attempts, error }) => attempts >= 2 && error?.startsWith('They hold no place')),
  )
  assert.is(tried.transport, 'none')
  assert.not(tried.direct)
})

connecting.after(async () => {
  await Promise.all(started.map((each) => each.stop()))
  await relay.stop()
  leaveAfterwards()
})
connecting.run()
