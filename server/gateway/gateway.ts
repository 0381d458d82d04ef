import type { FastifyInstance } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from '../../shared/channel.ts'
import type { Sequenced, Welcome } from '../../shared/control.ts'
import { UnitedError, errorCode } from '../../shared/errors.ts'
import { askAgain, type ActorRef } from '../../supervisor/runtime/index.ts'
import type { auth } from '../actors/auth/contract.ts'
import type { sequencer } from '../actors/sequencer/contract.ts'
import type { signaling } from '../actors/signaling/contract.ts'
import { HostUnusable, PortInUse } from '../errors.ts'
import { closeCodes } from './close-codes.ts'
import { Allowances, accountLimits, type AccountLimits } from './allowances.ts'
import { Connection, type ConnectionHost } from './connection.ts'
import { eventFrame } from './frames.ts'
import { createHttp } from './http.ts'
import { Online, type Session } from './online.ts'
import { outboundLimits, type OutboundLimits } from './outbound.ts'
import { answer, requestHandlers } from './requests.ts'

/** What of the bounds on clients is to be otherwise. */
export interface GatewayLimits {
  account?: Partial<AccountLimits>
  outbound?: Partial<OutboundLimits>
}

export interface GatewayInit {
  /** UUIDv7 of this server. */
  server: string
  auth: ActorRef<typeof auth>
  sequencer: ActorRef<typeof sequencer>
  signaling: ActorRef<typeof signaling>
  /** Requests to the account routes per minute and address. */
  authAttempts: number
  limits?: GatewayLimits
  /** Told where the relay listens, whenever it came up. */
  onRelays(addresses: readonly string[]): void
  /** A failure that no client is told about. */
  report(error: unknown): void
}

/** How many envelopes from gossip may wait for the sequencer: peers submit them as well, so the rest can be dropped. */
const gossipInFlight = 512
/** How long clients have to close when the server stops, ms. */
const farewellMs = 500

/** Between the clients and the actors: routes, sockets, and who is told what. It keeps no state that matters. */
export class Gateway implements ConnectionHost<Session> {
  readonly #init: GatewayInit
  readonly #online = new Online()
  readonly #connections = new Set<Connection<Session>>()
  readonly #handlers
  /** Every channel there is, and where it ends as far as was told. */
  readonly #heads = new Map<string, number>()
  readonly #allowances: Allowances
  readonly outboundLimits: OutboundLimits
  readonly #undo: (() => void)[] = []
  /** Envelopes heard from peers: how many came, became messages, and were refused or dropped. */
  readonly gossip = { heard: 0, sequenced: 0, refused: 0, waiting: 0 }
  #relays: string[] = []
  #http: FastifyInstance | undefined

  constructor(init: GatewayInit) {
    this.#init = init
    this.#allowances = new Allowances({ ...accountLimits, ...init.limits?.account })
    this.outboundLimits = { ...outboundLimits, ...init.limits?.outbound }
    this.#handlers = requestHandlers({
      auth: init.auth,
      sequencer: init.sequencer,
      online: this.#online,
      onMember: (account, channel) => this.#joined(account, channel),
    })
  }

  /**
   * Connects to the actors, which are up, and opens the door.
   * @returns the port
   * @throws PortInUse, HostUnusable
   */
  async start(host: string, port: number): Promise<number> {
    const { sequencer, signaling } = this.#init
    for (const { channel, head } of await sequencer.call.heads()) this.#raiseHead(channel, head)
    await this.#meetRelay()
    this.#undo.push(
      sequencer.on('sequenced', (messages) => this.#sequenced(messages)),
      signaling.on('gossip', (envelope) => void this.#hear(envelope)),
      onUpAgain(sequencer, () => this.#background(() => this.#tellHeads())),
      onUpAgain(signaling, () => {
        this.#background(async () => {
          await this.#meetRelay()
          for (const { connection } of this.#online.sessions)
            connection.tell('relays', () => eventFrame('relays', this.#relays))
        })
      }),
    )
    this.#http = await createHttp({
      server: this.#init.server,
      auth: this.#init.auth,
      authAttempts: this.#init.authAttempts,
      onSocket: (socket, stream) => {
        const connection = new Connection(socket, stream, this)
        this.#connections.add(connection)
        connection.start()
      },
      report: this.#init.report,
    })
    try {
      await this.#http.listen({ host, port })
    } catch (cause) {
      if (errorCode(cause) === 'EADDRINUSE') throw new PortInUse(host, port, '--port', { cause })
      throw new HostUnusable(host, { cause })
    }
    const address = this.#http.server.address()
    return typeof address === 'object' && address ? address.port : port
  }

  async stop(): Promise<void> {
    for (const undo of this.#undo.splice(0)) undo()
    this.#online.close()
    const leaving = new UnitedError(
      'stopping',
      'The server is stopping. Nothing is lost; connect again later.',
    )
    for (const connection of this.#connections) connection.goodbye(closeCodes.stopping, leaving)
    const deadline = Date.now() + farewellMs
    while (this.#connections.size > 0 && Date.now() < deadline) await sleep(10)
    for (const connection of this.#connections) connection.terminate()
    await this.#http?.close()
  }

  async admit(
    connection: Connection<Session>,
    token: string,
  ): Promise<{ session: Session; welcome: Welcome }> {
    const account = await this.#init.auth.call.verifyToken(token)
    const allowance = this.#allowances.enter(account.id)
    const session: Session = {
      ...{ connection, account, allowance },
      ...{ joined: new Set(), peer: undefined, toldPeers: undefined },
    }
    // From here on it hears events, so that none falls between the list of channels and the welcome.
    if (connection.closed) this.#allowances.leave(account.id)
    else this.#online.add(session)
    const listed = await this.#init.sequencer.call.channels(account.id)
    const channels = listed.map((channel) => this.#upToDate(channel))
    for (const { id, member } of channels) if (member) this.#online.follow(session, id)
    const peers = this.#online.peersOf(session)
    session.toldPeers = eventFrame('peers', peers)
    return {
      session,
      welcome: { type: 'welcome', account, server: this.#init.server, relays: this.#relays, channels, peers },
    }
  }

  answer(session: Session, method: string, params: unknown): Promise<unknown> {
    return answer(this.#handlers, session, method, params)
  }

  left(connection: Connection<Session>): void {
    this.#connections.delete(connection)
    const session = this.#online.remove(connection)
    if (session) this.#allowances.leave(session.account.id)
  }

  report(error: unknown): void {
    this.#init.report(error)
  }

  #sequenced(messages: readonly Sequenced[]): void {
    const last = messages.at(-1)
    if (!last) return
    const { channel, seq } = last
    this.#raiseHead(channel, seq)
    const frame = eventFrame('confirmed', [...messages])
    for (const { connection } of this.#online.in(channel)) connection.push(channel, seq, frame)
  }

  /**
   * As it is now: nothing says that an answer comes before the events that were raised after it, and those would have
   * been told to everyone but the client that is about to follow the channel.
   */
  #upToDate(channel: Channel): Channel {
    return { ...channel, head: this.#raiseHead(channel.id, channel.head) }
  }

  /** @returns the highest head that was heard of */
  #raiseHead(channel: string, heard: number): number {
    const head = Math.max(heard, this.#heads.get(channel) ?? 0)
    this.#heads.set(channel, head)
    return head
  }

  #joined(account: string, joined: Channel): Channel {
    const channel = this.#upToDate(joined)
    this.#online.join(account, channel.id)
    for (const { connection, joined } of this.#online.sessions) {
      connection.tell(`channel ${channel.id}`, () =>
        eventFrame('channel', { ...channel, member: joined.has(channel.id) }),
      )
    }
    this.#background(() => this.#init.signaling.call.follow([channel.id]))
    return channel
  }

  /** The relay came up: it is told what to follow, and where it listens becomes known. */
  async #meetRelay(): Promise<void> {
    const { signaling } = this.#init
    this.#relays = await signaling.call.addresses()
    this.#init.onRelays(this.#relays)
    await signaling.call.follow([...this.#heads.keys()])
  }

  /** Clients may have missed messages that were committed just before the sequencer died. */
  async #tellHeads(): Promise<void> {
    const heads = await this.#init.sequencer.call.heads()
    for (const { channel, head } of heads) this.#raiseHead(channel, head)
    for (const { connection, joined } of this.#online.sessions) {
      connection.tell('heads', () =>
        eventFrame(
          'heads',
          heads.filter(({ channel }) => joined.has(channel)),
        ),
      )
    }
  }

  /** What peers say among themselves may be anything: a refusal is counted and nobody is told. */
  async #hear(envelope: Uint8Array): Promise<void> {
    this.gossip.heard++
    if (this.gossip.waiting >= gossipInFlight) {
      this.gossip.refused++
      return
    }
    this.gossip.waiting++
    try {
      const { repeated } = await this.#init.sequencer.call.submit(envelope, null)
      if (!repeated) this.gossip.sequenced++
    } catch {
      this.gossip.refused++
    } finally {
      this.gossip.waiting--
    }
  }

  /** Work that nobody waits for. An actor that is away hears of it when it is up again. */
  #background(work: () => Promise<unknown>): void {
    askAgain(work).catch((error: unknown) => this.#init.report(error))
  }
}

/** As `onUp`, without the time at which the actor is up already. */
function onUpAgain(ref: ActorRef<unknown>, handler: () => void): () => void {
  let subscribed = false
  const undo = ref.onUp(() => {
    if (subscribed) handler()
  })
  subscribed = true
  return undo
}
