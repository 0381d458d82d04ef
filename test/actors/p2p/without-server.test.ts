import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { unsignedEnvelope } from '../../support/envelopes.ts'
import { eventually } from '../../support/eventually.ts'
import { startP2pActor, type P2pActor } from '../../support/p2p-actor.ts'
import { startRelay } from '../../support/relay.ts'

/** Three people on one channel who met through a relay, over WebRTC alone. */
const alone = suite('peers without their server')
const relay = await startRelay()
const [server, channel] = [uuidv7(), uuidv7()]
const people = [await startP2pActor(), await startP2pActor(), await startP2pActor()] as const
const ids = new Map<P2pActor, string>()
for (const person of people) {
  await person.call.configure({ server, relays: relay.addresses, channels: [channel], peers: [] })
  ids.set(person, await person.reachableAs())
}
await Promise.all(people.map(async (person) => person.join(participationOf(person))))

function participationOf(person: P2pActor) {
  const peers = people.filter((other) => other !== person).map((other) => ids.get(other) ?? '')
  return { server, relays: relay.addresses, channels: [channel], peers }
}

async function isHeardByAll(speaker: P2pActor): Promise<void> {
  const envelope = await eventually('it is sent to everybody', async () => {
    const said = unsignedEnvelope(channel)
    const { peers } = await speaker.call.publish({ channel, envelope: said })
    return peers === people.length - 1 && said
  })
  for (const listener of people)
    if (listener !== speaker)
      await eventually('it is heard', () =>
        listener.heard.some((message) => Buffer.compare(message.envelope, envelope) === 0),
      )
}

alone('hear each other while it is there', async () => {
  for (const speaker of people) await isHeardByAll(speaker)
})

alone('keep their connections and hear each other when it is gone', async () => {
  const before = await Promise.all(people.map((person) => person.call.connections()))
  await relay.stop()
  for (const person of people)
    await eventually('the relay is missed', async () => (await person.call.reachableAs()) === null, 60_000)
  for (const speaker of people) await isHeardByAll(speaker)
  const after = await Promise.all(people.map((person) => person.call.connections()))
  assert.equal(
    after.flat().map(({ peer, transport, since }) => ({ peer, transport, since })),
    before.flat().map(({ peer, since }) => ({ peer, transport: 'webrtc', since })),
  )
})

alone.after(async () => {
  await Promise.all(people.map((person) => person.stop()))
})
alone.run()
