import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { errorMessage } from '../../../shared/errors.ts'
import { unsignedEnvelope } from '../../support/envelopes.ts'
import { eventually } from '../../support/eventually.ts'
import { startNetwork, type Network } from '../../support/network.ts'
import { startP2pActor, type P2pActor } from '../../support/p2p-actor.ts'

/** Ann and Ben are people of one server, Eve of another one; all are on one network, and no server is. */
const nearby = suite('people on one network')
const [server, elsewhere, channel] = [uuidv7(), uuidv7(), uuidv7()]
const network = attempt(() => startNetwork(3))

function attempt(start: () => Network): Network | string {
  try {
    return start()
  } catch (error) {
    return errorMessage(error).trim()
  }
}

function when(name: string, run: (network: Network) => Promise<void>): void {
  nearby(name, async () => {
    if (typeof network === 'string') console.log(`\nskipped: no networks can be made here (${network})`)
    else await run(network)
  })
}

const people: P2pActor[] = []
async function start({ hosts }: Network, host: number, of: string, channels = [channel]): Promise<P2pActor> {
  const person = await startP2pActor({ lan: true }, hosts[host])
  people.push(person)
  await person.call.configure({ server: of, relays: [], channels, peers: [] })
  return person
}

/** Resolves when something that `speaker` says goes to `peers` others. */
async function says(speaker: P2pActor, peers: number): Promise<Uint8Array> {
  return eventually(`it goes to ${peers}`, async () => {
    const envelope = unsignedEnvelope(channel)
    const sent = await speaker.call.publish({ channel, envelope })
    return sent.peers === peers && envelope
  })
}

const hears = (listener: P2pActor, envelope: Uint8Array) =>
  eventually('it is heard', () =>
    listener.heard.some((message) => Buffer.compare(message.envelope, envelope) === 0),
  )

when('find each other and gossip with no server; those of another server do not', async (place) => {
  const [ann, ben, eve] = await Promise.all([
    start(place, 0, server),
    start(place, 1, server),
    start(place, 2, elsewhere),
  ])
  await hears(ben, await says(ann, 1))
  await hears(ann, await says(ben, 1))
  assert.equal(eve.heard, [])
  assert.equal(await ann.call.connections(), [])
})

nearby.after(async () => {
  await Promise.all(people.map((person) => person.stop()))
})
nearby.run()
