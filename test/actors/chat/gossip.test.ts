import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { decodeEnvelope, encodeEnvelope, type UnsignedEnvelope } from '../../../shared/envelope.ts'
import { authorFrom } from '../../support/author.ts'
import { eventually } from '../../support/eventually.ts'
import { credentials, startLink } from '../../support/link-actor.ts'
import { startP2p } from '../../support/p2p-actor.ts'
import { startWorld } from '../../support/world.ts'

/** Mallory has an account, is in the channel, and speaks libp2p without the app around it. */
const hostile = suite('a hostile peer')
const world = await startWorld()
const [alice, bob] = [await world.join('alice'), await world.join('bob')]
const { id: channel } = await world.meet([alice, bob])
const other = await alice.chat.call.createChannel({ name: 'other', topic: '' })

const mallory = authorFrom(randomBytes(32))
const link = await startLink(world.serverUrl)
const grant = await link.call.register(credentials('mallory', mallory))
await link.call.connect({ refreshToken: grant.refreshToken })
await link.in('online')
await link.call.joinChannel({ channel })
const welcome = await alice.online()

const peers = [await alice.reachableAs(), await bob.reachableAs()]
const node = await startP2p({ server: welcome.server, relays: welcome.relays, channels: [channel], peers })
const publish = (envelope: Uint8Array) => node.call.publish({ channel, envelope })

const write = (fields: Partial<UnsignedEnvelope> = {}): UnsignedEnvelope => ({
  ...{ v: 1, id: uuidv7(), author: grant.account.id, key: mallory.key, channel, text: 'mallory was here' },
  ...{ attachments: [], blocks: [], lamport: 1000, deps: [], at: Date.now() },
  ...fields,
})
const textsOf = async (where = channel) => [
  ...(await alice.texts(where)),
  ...(await bob.texts(where)),
  ...[alice, bob].flatMap((person) => [...person.shown.values()].map(({ text }) => text)),
]

/** What is sent over one connection is heard in its order: when this is shown, all before it was judged. */
async function judged(): Promise<void> {
  const text = `honest ${uuidv7()}`
  const envelope = mallory.encoded(write({ text }))
  await publish(envelope)
  for (const person of [alice, bob])
    await eventually('the honest one is shown', () =>
      [...person.shown.values()].some((view) => view.text === text),
    )
}

hostile('is heard when it says what is true', async () => {
  await eventually('both are on the topic', async () => {
    const { peers: reached } = await publish(mallory.encoded(write({ text: `honest ${uuidv7()}` })))
    return reached === peers.length
  })
  await judged()
})

const forgeries: Record<string, () => Promise<Uint8Array> | Uint8Array> = {
  'a message in the name and under the key of somebody else': () =>
    mallory.encoded(write({ text: 'forged', author: aliceId, key: aliceKey })),
  'a message in the name of somebody else under a key of its own': () =>
    mallory.encoded(write({ text: 'forged', author: aliceId })),
  'a message of an account that does not exist': () =>
    mallory.encoded(write({ text: 'forged', author: uuidv7() })),
  'a message whose text was altered': async () =>
    encodeEnvelope({ ...decodeEnvelope(await bobsEnvelope()), text: 'forged' }),
  'a message whose signature was altered': () =>
    encodeEnvelope({ ...mallory.sign(write({ text: 'forged' })), sig: new Uint8Array(64) }),
  'a message of another channel': () => mallory.encoded(write({ text: 'forged', channel: other.id })),
  'what is no message': () => randomBytes(200),
  'a message with a byte too many': () =>
    Buffer.concat([mallory.encoded(write({ text: 'forged' })), Buffer.from([0])]),
}
const aliceId = alice.desktop.session.signedIn?.account.id ?? ''
const aliceKey = new Uint8Array(alice.desktop.session.signedIn?.publicKey ?? [])

async function bobsEnvelope(): Promise<Uint8Array> {
  const id = await bob.say(channel, `bob says ${uuidv7()}`)
  return eventually(
    'bob is heard',
    () => node.heard.find(({ envelope }) => Buffer.from(envelope).includes(id))?.envelope,
  )
}

for (const [what, make] of Object.entries(forgeries)) {
  hostile(`cannot have ${what} shown or kept`, async () => {
    await publish(await make())
    await judged()
    const texts = [...(await textsOf()), ...(await textsOf(other.id))]
    assert.not(texts.includes('forged'))
    assert.ok(texts.some((text) => text.startsWith('honest')))
  })
}

hostile('cannot have a message of somebody else shown twice', async () => {
  const envelope = await bobsEnvelope()
  const { text } = decodeEnvelope(envelope)
  await publish(envelope)
  await judged()
  assert.is((await alice.texts(channel)).filter((shown) => shown === text).length, 1)
  assert.is((await bob.texts(channel)).filter((shown) => shown === text).length, 1)
})

hostile('leaves everybody with the same log, and able to go on', async () => {
  const id = await alice.say(channel, 'still here')
  await eventually('bob sees it confirmed', () => bob.shown.get(id)?.state === 'confirmed')
  assert.equal(await alice.texts(channel), await bob.texts(channel))
  const { children } = alice.desktop.supervisor
  assert.ok(children.every(({ restarts }) => restarts === 0))
})

hostile.after(async () => {
  await node.stop()
  await link.stop()
  await world.stop()
})
hostile.run()
