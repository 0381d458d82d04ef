import { TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { isGossipOf } from '../../shared/gossip.ts'
import { channelOfTopic, channelTopic } from '../../shared/topics.ts'
import { ask } from './ask/ask.ts'
import { askProtocol } from './ask/protocol.ts'
import { Questions } from './ask/questions.ts'
import type { P2pEvents, Participation, PeerConnection } from './contract.ts'
import { KeepGossiping } from './keep-gossiping.ts'
import type { UnitedNode } from './node.ts'
import { PeerConnections } from './peer-connections.ts'
import { Pulse } from './pulse.ts'
import { reasonInWords } from './reasons.ts'

/** How often the wanted state is compared with what is, ms. Events bring it forward. */
const reviewMs = 1_000
const relayDialTimeoutMs = 5_000

type Emit = <E extends keyof P2pEvents>(event: E, data: P2pEvents[E]) => void

/** Makes a node take part: in topics, with the relay, with peers. What is wanted is declared; this works towards it. */
export class Participant {
  readonly #node: UnitedNode
  readonly #emit: Emit
  readonly #pulse: Pulse
  readonly #peers: PeerConnections
  readonly #questions: Questions
  readonly #gossip: KeepGossiping
  #wanted: Participation = { server: '', relays: [], channels: [], peers: [] }
  readonly #dialling = new Set<string>()
  #relayError: string | null = null
  #lastList = ''
  #reachableAs: string | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(node: UnitedNode, emit: Emit) {
    this.#node = node
    this.#emit = emit
    this.#pulse = new Pulse({ connections: () => node.getConnections() })
    this.#peers = new PeerConnections(node, this.#pulse)
    this.#questions = new Questions({
      // Whoever was only found nearby has shown nothing but that they know the server.
      mayAsk: (peer) => this.#peers.isIntroduced(peer),
      asked: (question) => emit('asked', question),
    })
    node.services.lan.onFound(() => this.#review())
    this.#gossip = new KeepGossiping(node)
    node.services.pubsub.addEventListener('message', ({ detail }) => {
      const channel = channelOfTopic(this.#wanted.server, detail.topic)
      if (channel) this.#emit('gossip', { channel, envelope: detail.data })
    })
    node.addEventListener('connection:open', () => this.#review())
    node.addEventListener('connection:close', () => this.#review())
    // The relay's reservation comes some time after the connection to it.
    node.addEventListener('self:peer:update', () => this.#review())
  }

  async start(): Promise<void> {
    await this.#node.handle(askProtocol, (stream, connection) => this.#questions.serve(stream, connection))
    this.#pulse.start()
    this.#timer = setInterval(() => {
      this.#review()
      this.#gossip.review()
    }, reviewMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#pulse.stop()
    await this.#node.services.lan.leave()
    await this.#node.unhandle(askProtocol)
  }

  get reachableAs(): string | null {
    return this.#reachableAs
  }

  get connections(): PeerConnection[] {
    const relayError = this.#hasRelay() ? null : this.#relayError
    return this.#peers
      .list()
      .map((peer) => (peer.direct ? peer : { ...peer, error: peer.error ?? relayError }))
  }

  configure(wanted: Participation): void {
    this.#wanted = wanted
    this.#follow(wanted)
    this.#peers.introduce(wanted.peers)
    this.#node.services.lan.enter(wanted.server)
    this.#review()
  }

  /** @returns to how many peers it was sent over a connection that is open, the relay not counted */
  async publish(channel: string, envelope: Uint8Array): Promise<number> {
    const topic = channelTopic(this.#wanted.server, channel)
    const { recipients } = await this.#node.services.pubsub.publish(topic, envelope)
    const relays = new Set(this.#wanted.relays.map(relayPeer))
    const isOpen = (peer: PeerId) => this.#node.getConnections(peer).some(({ status }) => status === 'open')
    return recipients.filter((peer) => !relays.has(peer.toString()) && isOpen(peer)).length
  }

  /** @throws PeerUnreachable, PeerSilent, PeerRefused, QuestionTooLarge */
  async ask(peer: string, request: Uint8Array): Promise<Uint8Array> {
    const connections = this.#peers.isIntroduced(peer)
      ? this.#node.getConnections(peerIdFromString(peer))
      : []
    return ask(peer, connections, request)
  }

  /** @throws AnswerTooLarge */
  answer(id: number, answer: Uint8Array | null): void {
    this.#questions.answer(id, answer)
  }

  #follow({ server, channels }: Participation): void {
    const { pubsub } = this.#node.services
    const topics = new Map(channels.map((channel) => [channelTopic(server, channel), channel]))
    for (const topic of pubsub.getTopics()) {
      if (topics.has(topic)) continue
      pubsub.unsubscribe(topic)
      pubsub.topicValidators.delete(topic)
    }
    for (const [topic, channel] of topics) {
      pubsub.topicValidators.set(topic, (_peer, { data }) =>
        isGossipOf(channel, data) ? TopicValidatorResult.Accept : TopicValidatorResult.Reject,
      )
      pubsub.subscribe(topic)
    }
  }

  #review(): void {
    for (const relay of this.#wanted.relays) void this.#joinRelay(relay)
    this.#peers.pursue({
      relays: this.#hasRelay() ? this.#wanted.relays : [],
      nearby: this.#node.services.lan.nearby,
    })
    this.#noteReachability()
    const list = this.connections
    const text = JSON.stringify(list)
    if (text === this.#lastList) return
    this.#lastList = text
    this.#emit('connections', list)
  }

  #noteReachability(): void {
    const reserved = this.#node.getMultiaddrs().some((address) => address.toString().includes('/p2p-circuit'))
    const before = this.#reachableAs
    this.#reachableAs = reserved ? this.#node.peerId.toString() : null
    if (this.#reachableAs !== null && before === null) this.#emit('reachable', this.#reachableAs)
  }

  #hasRelay(): boolean {
    return this.#wanted.relays.some(
      (relay) => this.#node.getConnections(peerIdFromString(relayPeer(relay))).length > 0,
    )
  }

  async #joinRelay(relay: string): Promise<void> {
    const peer = relayPeer(relay)
    if (this.#dialling.has(peer) || this.#node.getConnections(peerIdFromString(peer)).length > 0) return
    this.#dialling.add(peer)
    try {
      await this.#node.dial(multiaddr(relay), { signal: AbortSignal.timeout(relayDialTimeoutMs) })
      this.#relayError = null
    } catch (error) {
      // The next review dials again; until then peers that are connected stay so.
      this.#relayError = `The server’s relay cannot be reached. ${reasonInWords(error)}`
    } finally {
      this.#dialling.delete(peer)
    }
  }
}

function relayPeer(relay: string): string {
  return relay.slice(relay.lastIndexOf('/p2p/') + '/p2p/'.length)
}
