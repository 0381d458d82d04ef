import type { FastifyInstance } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from '../../shared/channel.ts'
import type { Welcome } from '../../shared/control.ts'
import { UnitedError, errorCode } from '../../shared/errors.ts'
import { askAgain, type ActorRef } from '../../supervisor/runtime/index.ts'
import type { auth } from '../actors/auth/contract.ts'
import type { sequencer } from '../actors/sequencer/contract.ts'
import type { signaling } from '../actors/signaling/contract.ts'
import { HostUnusable, PortInUse } from '../errors.ts'
import { closeCodes } from './close-codes.ts'
import { Connection, eventFrame, type ConnectionHost } from './connection.ts'
import { createHttp } from './http.ts'
import { Online, type Session } from './online.ts'
import { answer, requestHandlers } from './requests.ts'

export interface GatewayInit {
  /** UUIDv7 of this server. */
  server: string
  auth: ActorRef<typeof auth>
  sequencer: ActorRef<typeof sequencer>
  signaling: ActorRef<typeof signaling>
  /** Requests to the account routes per minute and address. */
  authAttempts: number
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
  /** Every channel there is, for the relay to follow when it comes up. */
  readonly #channels = new Set<string>()
  readonly #undo: (() => void)[] = []
  /** Envelopes heard from peers: how many came, became messages, and were refused or dropped. */
  readonly gossip = { heard: 0, sequenced: 0, refused: 0, waiting: 0 }
  #relays: string[] = []
  #http: FastifyInstance | undefined

  constructor(init: GatewayInit) {
    this.#init = init
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
    for (const { channel } of await sequencer.call.heads()) this.#channels.add(channel)
    await this.#meetRelay()
    this.#undo.push(
      sequencer.on('sequenced', (messages) => {
        const [first] = messages
        if (first) this.#online.broadcastIn(first.channel, eventFrame('confirmed', messages))
      }),
      signaling.on('gossip', (envelope) => void this.#hear(envelope)),
      onUpAgain(sequencer, () => this.#background(() => this.#tellHeads())),
      onUpAgain(signaling, () => {
        this.#background(async () => {
          await this.#meetRelay()
          this.#online.broadcast(eventFrame('relays', this.#relays))
        })
      }),
    )
    this.#http = await createHttp({
      server: this.#init.server,
      auth: this.#init.auth,
      authAttempts: this.#init.authAttempts,
      onSocket: (socket) => {
        const connection = new Connection(socket, this)
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
    const session: Session = { connection, account, joined: new Set(), peer: undefined, toldPeers: undefined }
    // From here on it hears events, so that none falls between the list of channels and the welcome.
    if (!connection.closed) this.#online.add(session)
    const channels = await this.#init.sequencer.call.channels(account.id)
    for (const { id, member } of channels) if (member) session.joined.add(id)
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
    this.#online.remove(connection)
  }

  report(error: unknown): void {
    this.#init.report(error)
  }

  #joined(account: string, channel: Channel): void {
    this.#channels.add(channel.id)
    this.#online.join(account, channel.id)
    for (const { connection, joined } of this.#online.sessions) {
      connection.sendEvent(() => eventFrame('channel', { ...channel, member: joined.has(channel.id) }))
    }
    this.#background(() => this.#init.signaling.call.follow([channel.id]))
  }

  /** The relay came up: it is told what to follow, and where it listens becomes known. */
  async #meetRelay(): Promise<void> {
    const { signaling } = this.#init
    this.#relays = await signaling.call.addresses()
    this.#init.onRelays(this.#relays)
    await signaling.call.follow([...this.#channels])
  }

  /** Clients may have missed messages that were committed just before the sequencer died. */
  async #tellHeads(): Promise<void> {
    const heads = await this.#init.sequencer.call.heads()
    for (const { connection, joined } of this.#online.sessions) {
      connection.sendEvent(() =>
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
