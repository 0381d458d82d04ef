import { gossipsub, type GossipSub } from '@chainsafe/libp2p-gossipsub'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, type Identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeEnvelope, type MessageEnvelope } from '../../shared/envelope.ts'
import { gossipMessageId, gossipOptions } from '../../shared/gossip.ts'
import { channelTopic } from '../../shared/topics.ts'
import { eventually } from '../support/eventually.ts'
import { Client, asSaid, base64, makeDevice, sign } from './control-client.ts'
import { sleep, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let ann: Client
let ben: Client
type Node = Libp2p<{ identify: Identify; pubsub: GossipSub }>
const nodes: Node[] = []

async function makeNode(): Promise<Node> {
  const node = await createLibp2p({
    addresses: { listen: ['/p2p-circuit'] },
    transports: [webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), pubsub: gossipsub({ ...gossipOptions, msgIdFn: gossipMessageId }) },
  })
  nodes.push(node)
  return node
}

test.before(async () => {
  server = await startTestServer()
  ann = await Client.register(server.url, 'ann')
  ben = await Client.register(server.url, 'ben')
})
test.after(async () => {
  assert.equal(server.reports, [])
  await Promise.all([ann.close(), ben.close()])
  await Promise.all(nodes.map(async (node) => node.stop()))
  await server.end()
})

const relay = (client: Client) => multiaddr(client.welcome.relays[0] ?? '')

/** A peer that is connected to the relay, on the topic of a channel, and known there. */
async function gossiper(channel: string) {
  const node = await makeNode()
  const topic = channelTopic(ann.welcome.server, channel)
  node.services.pubsub.subscribe(topic)
  await node.dial(relay(ann))
  await eventually('the relay is on the topic', () => node.services.pubsub.getSubscribers(topic).length > 0)
  return {
    node,
    publish: (bytes: Uint8Array) => node.services.pubsub.publish(topic, bytes),
    say: (message: MessageEnvelope) => node.services.pubsub.publish(topic, encodeEnvelope(message)),
  }
}

test('what a peer says on a channel’s topic gets its seq and is told, once, though it is also submitted', async () => {
  const { id: channel } = await ann.create('gossip')
  await ben.join(channel)
  const peer = await gossiper(channel)
  const message = ann.message(channel)
  await peer.say(message)
  const told = () => ben.socket.confirmed(channel)
  await eventually('confirmed', () => told().length === 1)
  assert.equal(told().map(asSaid), [{ channel, seq: 1, envelope: base64(message) }])
  assert.is((await ann.submit(message)).seq, 1)
  await peer.say(ann.message(channel))
  await eventually('the second', () => told().some(({ seq }) => seq === 2))
})

test('what is forged, on the wrong topic or no message at all does not get in, and is counted', async () => {
  const { id: channel } = await ann.create('noise')
  const { id: elsewhere } = await ann.create('elsewhere')
  const peer = await gossiper(channel)
  const { refused } = server.gossip
  await peer.say(sign(makeDevice(), ann.unsigned(channel)))
  await peer.say(ann.message(elsewhere))
  await peer.publish(Buffer.from('no message'))
  await eventually('the forged one was counted', () => server.gossip.refused === refused + 1)
  await sleep(200)
  assert.is(server.gossip.refused, refused + 1)
  assert.equal(await ann.log(channel), [])
  assert.equal(await ann.log(elsewhere), [])
})

test('two peers reach each other through the relay', async () => {
  const [left, right] = [await makeNode(), await makeNode()]
  await left.dial(relay(ann))
  await right.dial(relay(ann))
  const address = await eventually('a reservation', () =>
    right.getMultiaddrs().find((each) => each.toString().includes('/p2p-circuit')),
  )
  const connection = await left.dial(address)
  assert.is(connection.remotePeer.toString(), right.peerId.toString())
  assert.ok(connection.limits?.bytes !== undefined && connection.limits.bytes >= 1n << 23n)
})

test('after a kill of signaling, channels are followed again at the same address', async () => {
  const { id: channel } = await ann.create('again')
  const before = await gossiper(channel)
  server.supervisor.kill('signaling')
  const relays = await eventually('relays', () => ann.socket.events('relays').at(-1))
  assert.equal(relays, ann.welcome.relays)
  await before.node.stop()
  const after = await gossiper(channel)
  await after.say(ann.message(channel))
  await eventually('confirmed', () => ann.socket.confirmed(channel).length > 0)
})

test('when its port is taken while it is down, the relay takes another one and says so', async () => {
  const other = await startTestServer()
  const client = await Client.register(other.url, 'mover')
  const port = Number(
    relay(client)
      .getComponents()
      .find(({ name }) => name === 'tcp')?.value,
  )
  const squatter = await squat(port, () => other.supervisor.kill('signaling'))
  const relays = await eventually('relays', () => client.socket.events('relays').at(-1))
  assert.is(relays.length, 1)
  assert.is.not(relays[0], client.welcome.relays[0])
  assert.is(relays[0]?.split('/p2p/')[1], client.welcome.relays[0]?.split('/p2p/')[1])
  squatter.close()
  await client.close()
  await other.end()
})

/** Takes a port as soon as its owner lets go of it. */
async function squat(port: number, release: () => void): Promise<Server> {
  release()
  for (;;) {
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      return server
    } catch {
      // Not yet.
    }
  }
}

test.run()
