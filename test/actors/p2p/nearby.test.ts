import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerInfo } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { Lan } from '../../../actors/p2p/lan/lan.ts'
import { isLanAddress } from '../../../actors/p2p/lan/local-network.ts'
import { lanService } from '../../../actors/p2p/lan/names.ts'
import { createNode, type UnitedNode } from '../../../actors/p2p/node.ts'
import { channelTopic } from '../../../shared/topics.ts'
import { unsignedEnvelope } from '../../support/envelopes.ts'
import { eventually } from '../../support/eventually.ts'
import { leaveAfterwards, startParticipant, type LooseParticipant } from '../../support/participants.ts'
import { rejection } from '../../support/rejection.ts'

/** On whatever network this computer is, with the other end on the same computer. */
const nearby = suite('people nearby')
const started: { stop(): Promise<void> }[] = []
const onLan = { iceServers: [], lan: true }
const channel = uuidv7()
const wanting = (server: string, peers: string[] = []) => ({ server, relays: [], channels: [channel], peers })
const lanAddressOf = (node: UnitedNode) => node.getMultiaddrs().find(isLanAddress)

const probe = await createNode(onLan)
started.push({ stop: async () => probe.stop() })
const ownAddress = lanAddressOf(probe)

function when(name: string, run: (own: string) => Promise<void> | void): void {
  nearby(name, async () => {
    if (ownAddress) await run(ownAddress.toString())
    else console.log('\nskipped: this computer is on no network')
  })
}

async function participant(): Promise<LooseParticipant> {
  const made = await startParticipant(onLan)
  started.push(made)
  return made
}

/** Two who were told of the same server, and have found each other. `low` decides which connection stays. */
async function pair(): Promise<{ low: LooseParticipant; high: LooseParticipant; server: string }> {
  const server = uuidv7()
  const [one, other] = [await participant(), await participant()]
  const [low, high] = one.peer < other.peer ? [one, other] : [other, one]
  for (const each of [low, high]) each.participant.configure(wanting(server))
  await eventually('they are connected', () => low.node.getConnections(high.node.peerId).length === 1)
  return { low, high, server }
}

async function isHeard(speaker: LooseParticipant, listener: LooseParticipant): Promise<void> {
  const envelope = await eventually('it is sent', async () => {
    const said = unsignedEnvelope(channel)
    return (await speaker.participant.publish(channel, said)) === 1 && said
  })
  await eventually('it is heard', () => listener.heard.some((heard) => Buffer.compare(heard, envelope) === 0))
}

when('gossip and nothing else, as long as the server has not introduced them', async () => {
  const { low, high, server } = await pair()
  await isHeard(low, high)
  await isHeard(high, low)
  assert.equal(low.participant.connections, [])

  low.participant.configure(wanting(server, [high.peer]))
  const [connection] = low.participant.connections
  assert.is(connection?.transport, 'tcp')
  assert.ok(connection?.direct)
  const asked = new Uint8Array(1)
  assert.is((await rejection(low.participant.ask(high.peer, asked))).code, 'peer-refused')
  assert.is((await rejection(high.participant.ask(low.peer, asked))).code, 'peer-unreachable')
})

when('keep one connection where there were two, and their gossip with it', async () => {
  const { low, high } = await pair()
  await isHeard(low, high)
  let opened = 0
  low.node.addEventListener('connection:open', () => opened++)
  const address = lanAddressOf(low.node)
  if (!address) throw new Error('it listens on this network')
  await high.node.dial(address, { force: true })
  await eventually('another one was opened', () => opened === 1)
  for (const [one, other] of [
    [low, high],
    [high, low],
  ] as const)
    await eventually('one is left', () => one.node.getConnections(other.node.peerId).length === 1)
  await isHeard(low, high)
  await isHeard(high, low)
})

when('who know another server are not let in, though they know the address', async () => {
  const [one, other] = [await participant(), await participant()]
  one.participant.configure(wanting(uuidv7()))
  other.participant.configure(wanting(uuidv7()))
  const address = lanAddressOf(one.node)
  if (!address) throw new Error('it listens on this network')
  await rejection(other.node.dial(address))
  assert.is(one.node.getConnections().length, 0)
})

when('who are many behind one address are all spoken to', async () => {
  const server = uuidv7()
  const topic = channelTopic(server, channel)
  const nodes = await Promise.all(Array.from({ length: 16 }, () => createNode(onLan)))
  for (const node of nodes) {
    started.push({
      stop: async () => {
        await node.services.lan.leave()
        await node.stop()
      },
    })
    node.services.lan.enter(server)
    node.services.pubsub.subscribe(topic)
  }
  const [hub, ...others] = nodes
  const address = hub && lanAddressOf(hub)
  if (!address) throw new Error('it listens on this network')
  for (const node of others)
    // So many from one address at once are held off for a second.
    await eventually('it is let in', async () => {
      try {
        return await node.dial(address)
      } catch {
        return false
      }
    })
  await eventually('all are told', async () => {
    const { recipients } = await hub.services.pubsub.publish(topic, unsignedEnvelope(channel))
    return recipients.length === others.length
  })
})

when('are looked for on this network alone', (own) => {
  assert.ok(isLanAddress(multiaddr(own)))
  for (const address of [
    '/ip4/127.0.0.1/tcp/80',
    '/ip4/8.8.8.8/tcp/80',
    '/ip4/0.0.0.0/tcp/80',
    '/ip6/::1/tcp/80',
    '/dns4/localhost/tcp/80',
    own.replace(/\/p2p\/.*/, '/ws'),
    `${own}/p2p-circuit`,
  ])
    assert.not(isLanAddress(multiaddr(address)), address)
})

async function announcing(...addresses: string[]): Promise<PeerInfo> {
  const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  return { id, multiaddrs: addresses.map((address) => multiaddr(address)) }
}

when('who announce themselves are taken at this network’s addresses, so many and so long', async (own) => {
  const here = own.replace(/\/p2p\/.*/, '')
  let now = 0
  const lan = new Lan({ enabled: true, now: () => now })
  lan.hear(await announcing('/ip4/8.8.8.8/tcp/80', '/ip4/127.0.0.1/tcp/80'))
  assert.is(lan.nearby.size, 0)
  const both = await announcing('/ip4/8.8.8.8/tcp/80', here)
  lan.hear(both)
  assert.equal(lan.nearby.get(both.id.toString())?.map(String), [here])

  for (let n = 0; n < 100; n++) lan.hear(await announcing(here))
  assert.is(lan.nearby.size, 64)
  now = 59_000
  lan.hear(both)
  now = 61_000
  assert.equal([...lan.nearby.keys()], [both.id.toString()])
})

nearby('of one server have one name for it, which tells nobody which server it is', () => {
  const server = uuidv7()
  assert.is(lanService(server), lanService(server))
  assert.is.not(lanService(server), lanService(uuidv7()))
  assert.match(lanService(server), /^_[a-z][a-z2-7]{14}\._udp\.local$/)
  assert.not(lanService(server).includes(server.slice(-8)))
})

nearby.after(async () => {
  await Promise.all(started.map((each) => each.stop()))
  leaveAfterwards()
})
nearby.run()
