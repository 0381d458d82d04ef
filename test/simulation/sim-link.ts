import type { LinkApi } from '../../actors/link/contract.ts'
import { linkContract } from '../../actors/link/contract.ts'
import { Offline } from '../../actors/link/errors.ts'
import type { Account } from '../../shared/account.ts'
import type {
  ControlEventData,
  ControlMethod,
  ControlParams,
  ControlResult,
  Welcome,
} from '../../shared/control.ts'
import { UnitedError } from '../../shared/errors.ts'
import { DeadlineExceeded } from '../../supervisor/runtime/index.ts'
import { FakeRef } from './fake-ref.ts'
import type { Connection, PassedOn, SimServer } from './sim-server.ts'
import type { Life, VirtualTime } from './virtual-time.ts'
import type { Wires } from './wires.ts'

export interface SimLinkInit {
  time: VirtualTime
  wires: Wires
  server: SimServer
  account: Account
  /** What chat is told of the server's digests in place of what the server says: a bug to be found. */
  digestAt?: (channel: string, seq: number) => Uint8Array | undefined
}

/** What waits for an answer over the present connection. */
type Waiting = (error: Error) => void

/**
 * The link actor of one device without its socket. What goes to the server keeps its order, and so does what comes from
 * it; how long the server takes for an answer is the schedule's choice, and one that is lost on its way between link and
 * chat is missed after the contract's deadline.
 */
export class SimLink {
  readonly #init: SimLinkInit
  /** The actor, which outlives every chat. */
  readonly #life: Life = { ended: false }
  readonly #waiting = new Set<Waiting>()
  #connection: Connection | undefined
  #online = false
  #snapshot: Welcome | null = null
  #chat: { ref: FakeRef<typeof linkContract>; life: Life } | undefined
  #connections = 0
  #peer: string | undefined
  /** Events that will not be passed on. */
  #deafTo = 0

  constructor(init: SimLinkInit) {
    this.#init = init
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  /** The handle of one life of chat. */
  handleFor(life: Life): FakeRef<typeof linkContract> {
    const api = (deadlineMs: number = linkContract.deadlineMs): Partial<LinkApi> => ({
      snapshot: () => this.#here(life, () => this.#snapshot),
      joinChannel: (params) => this.#ask(life, deadlineMs, 'channel.join', params),
      submit: (envelope) =>
        this.#ask(life, deadlineMs, 'message.submit', { envelope: Buffer.from(envelope).toString('base64') }),
      history: (params) => this.#ask(life, deadlineMs, 'message.history', params),
      digests: async (params) => {
        const answers = await this.#ask(life, deadlineMs, 'log.digests', params)
        const { digestAt } = this.#init
        if (!digestAt) return answers
        return params.seqs.flatMap((seq) => {
          const digest = digestAt(params.channel, seq)
          return digest ? [{ seq, digest: Buffer.from(digest).toString('base64') }] : []
        })
      },
      lookup: (params) => this.#ask(life, deadlineMs, 'directory.lookup', params),
      announce: async (peer) => {
        this.#peer = peer
        if (this.#online) await this.#ask(life, deadlineMs, 'peer.announce', { peer })
      },
    })
    const ref = new FakeRef<typeof linkContract>('link', api)
    this.#chat = { ref, life }
    return ref
  }

  connect(): void {
    if (this.#connection) return
    const { wires, server, account } = this.#init
    const id = `${account.name} ${++this.#connections}`
    const toClient = (what: string, arrive: () => void) =>
      wires.send({ to: this.#life, over: [connection], lane: `${id} down`, what, arrive })
    const connection: Connection = {
      ...{ id, account, ended: false, peer: undefined, toldPeers: '', client: this.#life },
      welcome: (welcome) => toClient('welcome', () => this.#welcome(welcome)),
      event: (event, data) => toClient(`${event} for ${account.name}`, () => this.#event(event, data)),
      closed: () => this.disconnect(),
    }
    this.#connection = connection
    const arrive = () => server.connect(connection)
    wires.send({
      to: server.life,
      over: [connection],
      lane: `${id} up`,
      what: `hello of ${account.name}`,
      arrive,
    })
  }

  /** The socket breaks: whatever is on its way is lost, and whoever waits is told so. */
  disconnect(): void {
    const connection = this.#connection
    if (!connection) return
    this.#connection = undefined
    this.#online = false
    connection.ended = true
    this.#init.server.left(connection)
    for (const fail of this.#waiting) fail(new Offline('sim'))
    this.#waiting.clear()
  }

  /** The next event goes missing between link and chat, which is told that something did. */
  goDeaf(): void {
    this.#deafTo++
  }

  #welcome(welcome: Welcome): void {
    this.#snapshot = welcome
    this.#online = true
    this.#tell('welcome', welcome)
    const [connection, peer] = [this.#connection, this.#peer]
    if (connection && peer !== undefined)
      this.#toServer(connection, 'announce', () =>
        this.#init.server.request(connection, 'peer.announce', { peer }),
      )
  }

  #event<E extends PassedOn>(event: E, data: ControlEventData<E>): void {
    if (!this.#snapshot) return
    this.#snapshot = withEvent(this.#snapshot, event, data)
    this.#tell(event, data)
  }

  #tell(event: PassedOn | 'welcome', data: unknown): void {
    const chat = this.#chat
    if (!chat) return
    const deaf = this.#deafTo > 0
    if (deaf) this.#deafTo--
    this.#init.wires.send({
      ...{ to: chat.life, lane: `link of ${this.#init.account.name}`, what: `${event} for chat` },
      // The data of an event is what the server has sent for it.
      arrive: () => (deaf ? chat.ref.raiseUp() : chat.ref.raise(event, data as never)),
    })
  }

  /** What link itself answers. */
  #here<T>(life: Life, answer: () => T): Promise<T> {
    return new Promise((resolve) => {
      const value = answer()
      // What link answers by itself keeps its place among the events.
      const lane = `link of ${this.#init.account.name}`
      this.#init.wires.send({ to: life, lane, what: 'an answer of link', arrive: () => resolve(value) })
    })
  }

  #ask<M extends ControlMethod>(
    life: Life,
    deadlineMs: number,
    method: M,
    params: ControlParams<M>,
  ): Promise<ControlResult<M>> {
    const { time, wires, server, account } = this.#init
    return new Promise((resolve, reject) => {
      const lane = `link of ${account.name}`
      const answered = (what: string, settle: () => void) => {
        const arrive = () => {
          stop()
          settle()
        }
        this.#waiting.delete(fail)
        wires.send({ to: life, lane, loose: true, what: `${what} ${method} of ${account.name}`, arrive })
      }
      const fail: Waiting = (error) => answered('failure of', () => reject(error))
      const stop = time.after(deadlineMs, () => {
        this.#waiting.delete(fail)
        reject(new DeadlineExceeded('link', method, deadlineMs))
      })
      const connection = this.#connection
      if (!connection || !this.#online) return fail(new Offline('sim'))
      this.#waiting.add(fail)
      this.#toServer(connection, method, () =>
        server.request(connection, method, params).then(
          (result) => this.#reply(connection, method, () => answered('answer to', () => resolve(result))),
          (error: unknown) => this.#reply(connection, method, () => fail(asWire(error))),
        ),
      )
    })
  }

  /** Others may be done sooner; what has left the server keeps its place among the events. */
  #reply(connection: Connection, method: string, arrive: () => void): void {
    const { wires, server, account } = this.#init
    const [over, what] = [[connection], `reply to ${method} of ${account.name}`]
    wires.send({
      ...{ to: server.life, over, what: `the end of ${method} of ${account.name}` },
      arrive: () => wires.send({ to: this.#life, over, lane: `${connection.id} down`, what, arrive }),
    })
  }

  #toServer(connection: Connection, what: string, arrive: () => unknown): void {
    const { wires, server, account } = this.#init
    wires.send({
      ...{ to: server.life, over: [connection], lane: `${connection.id} up` },
      ...{ what: `${what} of ${account.name}`, arrive: () => void arrive() },
    })
  }
}

/** As the link actor keeps its snapshot. */
function withEvent<E extends PassedOn>(snapshot: Welcome, event: E, given: ControlEventData<E>): Welcome {
  // One of these, by its name.
  const told = { event, data: given } as {
    [K in PassedOn]: { event: K; data: ControlEventData<K> }
  }[PassedOn]
  const raised = (heads: readonly { channel: string; head: number }[]) => ({
    ...snapshot,
    channels: snapshot.channels.map((channel) => ({
      ...channel,
      head: Math.max(
        channel.head,
        ...heads.filter((one) => one.channel === channel.id).map(({ head }) => head),
      ),
    })),
  })
  switch (told.event) {
    case 'channel': {
      const others = snapshot.channels.filter(({ id }) => id !== told.data.id)
      return { ...snapshot, channels: [...others, told.data] }
    }
    case 'peers':
      return { ...snapshot, peers: told.data }
    case 'relays':
      return { ...snapshot, relays: told.data }
    case 'heads':
      return raised(told.data)
    case 'confirmed':
      return raised(told.data.map(({ channel, seq }) => ({ channel, head: seq })))
  }
}

function asWire(error: unknown): UnitedError {
  if (error instanceof UnitedError) return error
  throw error
}
