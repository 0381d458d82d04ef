import { PeerRefused, PeerSilent, PeerUnreachable } from '../../actors/p2p/errors.ts'
import {
  p2pContract,
  type P2pApi,
  type Participation,
  type PeerConnection,
} from '../../actors/p2p/contract.ts'
import { gossipMessageId, isGossipOf } from '../../shared/gossip.ts'
import { FakeRef } from './fake-ref.ts'
import type { SimServer } from './sim-server.ts'
import type { Life, VirtualTime } from './virtual-time.ts'
import type { Wires } from './wires.ts'

/** How long a peer has to answer, ms. */
const askMs = 5_000

export interface SimP2pInit {
  time: VirtualTime
  wires: Wires
  server: SimServer
  peer: string
  name: string
}

interface Question {
  answer(bytes: Uint8Array | null): void
}

/** The p2p node of one device without libp2p: datagrams of gossip, questions to whoever is connected. */
export class SimP2p {
  readonly peer: string
  readonly #init: SimP2pInit
  #life: Life = { ended: false }
  readonly #neighbours = new Set<SimP2p>()
  /** Whether what is published here reaches the server. */
  serverHears = true
  #participation: Participation = { server: '', relays: [], channels: [], peers: [] }
  #seen = new Set<string>()
  #questions = new Map<number, Question>()
  #nextQuestion = 1
  #chat: { ref: FakeRef<typeof p2pContract>; life: Life } | undefined

  constructor(init: SimP2pInit) {
    this.#init = init
    this.peer = init.peer
  }

  handleFor(life: Life): FakeRef<typeof p2pContract> {
    const api: Partial<P2pApi> = {
      reachableAs: async () => this.peer,
      configure: async (participation) => void (this.#participation = participation),
      connections: async () => this.#connections(),
      publish: async ({ channel, envelope }) => ({ peers: this.#spread(channel, envelope, undefined) }),
      ask: ({ peer, request }) => this.#ask(life, peer, request),
      answer: async ({ id, answer }) => {
        this.#questions.get(id)?.answer(answer)
        this.#questions.delete(id)
      },
    }
    const ref = new FakeRef<typeof p2pContract>('p2p', () => api)
    this.#chat = { ref, life }
    return ref
  }

  /** Direct connections are made and lost in both ends at once. */
  connect(other: SimP2p, up: boolean): void {
    if (this.#neighbours.has(other) === up) return
    for (const [one, two] of [
      [this, other],
      [other, this],
    ] as const) {
      if (up) one.#neighbours.add(two)
      else one.#neighbours.delete(two)
      one.#tellConnections()
    }
  }

  isConnected(other: SimP2p): boolean {
    return this.#neighbours.has(other)
  }

  /** The process dies and starts again: what it had heard and was asked is forgotten. */
  restart(): void {
    this.#life.ended = true
    this.#life = { ended: false }
    this.#seen = new Set()
    this.#questions = new Map()
    const chat = this.#chat
    if (!chat) return
    this.#toChat('p2p is up', () => chat.ref.raiseUp())
  }

  #connections(): PeerConnection[] {
    return [...this.#neighbours].map(({ peer }) => ({
      ...{ peer, transport: 'webrtc', direct: true, rttMs: null, since: null, error: null, attempts: 0 },
    }))
  }

  #tellConnections(): void {
    const connections = this.#connections()
    this.#toChat('connections', (ref) => ref.raise('connections', connections))
  }

  #toChat(what: string, arrive: (ref: FakeRef<typeof p2pContract>) => void): void {
    const chat = this.#chat
    if (!chat) return
    const lane = `p2p of ${this.#init.name}`
    this.#init.wires.send({
      ...{ to: chat.life, over: [this.#life], lane, what: `${what} for ${this.#init.name}` },
      arrive: () => arrive(chat.ref),
    })
  }

  /** @returns to how many peers it was sent */
  #spread(channel: string, envelope: Uint8Array, from: SimP2p | undefined): number {
    const { wires, server, name } = this.#init
    this.#seen.add(idOf(envelope))
    const bytes = Uint8Array.from(envelope)
    const others = [...this.#neighbours].filter((other) => other !== from && other.#listensTo(channel))
    for (const other of others) {
      const arrive = () => other.#heard(channel, bytes, this)
      wires.send({ to: other.#life, loose: true, what: `gossip ${name} to ${other.#init.name}`, arrive })
    }
    if (this.serverHears && from === undefined) {
      const arrive = () => server.hear(bytes)
      wires.send({ to: server.life, loose: true, what: `gossip ${name} to the server`, arrive })
    }
    return others.length
  }

  #listensTo(channel: string): boolean {
    return this.#participation.channels.includes(channel)
  }

  #heard(channel: string, envelope: Uint8Array, from: SimP2p): void {
    if (!this.#listensTo(channel) || this.#seen.has(idOf(envelope)) || !isGossipOf(channel, envelope)) return
    this.#toChat('gossip', (ref) => ref.raise('gossip', { channel, envelope }))
    this.#spread(channel, envelope, from)
  }

  #ask(life: Life, peer: string, request: Uint8Array): Promise<Uint8Array> {
    const { time, wires, name } = this.#init
    return new Promise((resolve, reject) => {
      const stop = time.after(askMs, () => reject(new PeerSilent(peer)))
      const settled = (settle: () => void) => {
        const arrive = () => {
          stop()
          settle()
        }
        wires.send({ to: life, over: [this.#life], loose: true, what: `a peer's answer to ${name}`, arrive })
      }
      const other = [...this.#neighbours].find((neighbour) => neighbour.peer === peer)
      if (!other) return settled(() => reject(new PeerUnreachable(peer)))
      const arrive = () =>
        other.#asked(this.peer, request, (answer) =>
          settled(() => (answer ? resolve(answer) : reject(new PeerRefused(peer)))),
        )
      wires.send({ to: other.#life, over: [this.#life], loose: true, what: `question of ${name}`, arrive })
    })
  }

  #asked(peer: string, request: Uint8Array, answer: (bytes: Uint8Array | null) => void): void {
    if (!this.#participation.peers.includes(peer)) return answer(null)
    const id = this.#nextQuestion++
    this.#questions.set(id, { answer })
    this.#toChat('a question', (ref) => ref.raise('asked', { id, peer, request }))
  }
}

function idOf(envelope: Uint8Array): string {
  return Buffer.from(gossipMessageId({ data: envelope })).toString('hex')
}
