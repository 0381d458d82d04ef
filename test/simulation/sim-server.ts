import type { LinkEvents } from '../../actors/link/contract.ts'
import type { Account } from '../../shared/account.ts'
import type { Channel } from '../../shared/channel.ts'
import type {
  ControlEvent,
  ControlEventData,
  ControlMethod,
  ControlParams,
  ControlResult,
  DirectoryEntry,
  OnlinePeer,
  Sequenced,
  Welcome,
} from '../../shared/control.ts'
import { UnitedError } from '../../shared/errors.ts'
import { auth } from '../../server/actors/auth/contract.ts'
import { Authors } from '../../server/actors/sequencer/authors.ts'
import { ChannelLog } from '../../server/actors/sequencer/channel-log.ts'
import { Channels } from '../../server/actors/sequencer/channels.ts'
import { GroupCommit } from '../../server/actors/sequencer/group-commit.ts'
import { HeldBack } from '../../server/actors/sequencer/held-back.ts'
import { Intake } from '../../server/actors/sequencer/intake.ts'
import { migrations } from '../../server/actors/sequencer/migrations.ts'
import { Store } from '../../server/store/store.ts'
import { Databases, type Contents } from './databases.ts'
import { FakeRef } from './fake-ref.ts'
import { ProofsHere } from './proofs-here.ts'
import type { Life } from './virtual-time.ts'
import type { Wires } from './wires.ts'

/** The largest page of history, so that a short log has several. A server may answer with fewer than it was asked for. */
const pageMost = 3

const databases = new Databases(migrations)

/** What a server pushes and link passes on. */
export type PassedOn = ControlEvent & keyof LinkEvents

/** One life of a control socket, seen from the server. */
export interface Connection extends Life {
  readonly id: string
  readonly account: Account
  peer: string | undefined
  toldPeers: string
  /** What the client does with what it is told. */
  readonly client: Life
  welcome(welcome: Welcome): void
  event<E extends PassedOn>(event: E, data: ControlEventData<E>): void
  /** The server has let go of it. */
  closed(): void
}

/** The sequencer, from its start to its death: the real one, on a database that outlives it. */
interface Sequencer {
  readonly life: Life
  /** What it says and what it is told keeps its order. */
  readonly lane: string
  readonly channels: Channels
  readonly log: ChannelLog
  readonly intake: Intake
}

/** A call to the sequencer, which is made again if it dies under it. */
type SequencerCall = (sequencer: Sequencer) => void

export interface SimServerInit {
  wires: Wires
  accounts: readonly DirectoryEntry[]
  /** What this server may do wrong, so that the test can be tested. */
  answerOf?: (place: ControlResult<'message.submit'> & { repeated: boolean }) => typeof place
}

/** Everything of the server but its sockets: the real sequencer, and a gateway that tells what it is told. */
export class SimServer {
  readonly id = '01890a5d-ac96-774b-bcce-b30209990000'
  readonly #init: SimServerInit
  readonly #disk = databases.take()
  #sequencer: Sequencer
  /** The process: gateway and all. */
  #life: Life = { ended: false }
  #starts = 0
  readonly #calls = new Set<SequencerCall>()
  readonly #connections = new Set<Connection>()
  #heads = new Map<string, number>()

  constructor(init: SimServerInit) {
    this.#init = init
    this.#sequencer = this.#startSequencer()
  }

  get life(): Life {
    return this.#life
  }

  addChannel(channel: { id: string; name: string }, account: string): void {
    this.#sequencer.channels.create({ ...channel, topic: '', account })
  }

  addMember(channel: string, account: string): void {
    this.#sequencer.channels.join(channel, account)
  }

  isMember(channel: string, account: string): boolean {
    return this.#joined(account, channel)
  }

  /** The whole of a channel's log. */
  log(channel: string): Sequenced[] {
    const all: Sequenced[] = []
    for (;;) {
      const { messages } = this.#sequencer.log.page({ channel, after: all.length, limit: 1_000 })
      if (messages.length === 0) return all
      all.push(...messages)
    }
  }

  /** A client is let in: what it is told from now on comes after the welcome. */
  connect(connection: Connection): void {
    this.#connections.add(connection)
    connection.welcome({
      ...{ type: 'welcome', account: connection.account, server: this.id, relays: [] },
      channels: this.#sequencer.channels.all(connection.account.id).map((channel) => this.#upToDate(channel)),
      peers: this.#peersOf(connection),
    })
  }

  /** The socket is gone. */
  left(connection: Connection): void {
    this.#connections.delete(connection)
    this.#peersChanged()
  }

  request<M extends ControlMethod>(
    connection: Connection,
    method: M,
    params: ControlParams<M>,
  ): Promise<ControlResult<M>> {
    const answer: { [K in ControlMethod]?: (given: ControlParams<K>) => Promise<ControlResult<K>> } =
      this.#handlers(connection)
    return answer[method]?.(params) ?? Promise.reject(new UnitedError('malformed', 'Nobody asks this here.'))
  }

  /** What peers say is heard here as well. */
  hear(envelope: Uint8Array): void {
    this.#call((sequencer) => sequencer.intake.submit(Buffer.from(envelope), null)).catch(() => {
      // It may be anything; nobody is told.
    })
  }

  /** The sequencer dies and is started again under a gateway that goes on. */
  restartSequencer(): void {
    this.#sequencer.life.ended = true
    this.#sequencer = this.#startSequencer()
    for (const call of [...this.#calls]) call(this.#sequencer)
    const heads = this.#sequencer.channels.heads()
    for (const { channel, head } of heads) this.#raiseHead(channel, head)
    for (const connection of this.#connections)
      connection.event(
        'heads',
        heads.filter(({ channel }) => this.#joined(connection.account.id, channel)),
      )
  }

  /** The process dies and is started again, on what the disk had when a copy was made, if one is given. */
  crash(copy?: Contents): void {
    this.#life.ended = true
    this.#sequencer.life.ended = true
    for (const connection of [...this.#connections]) connection.closed()
    this.#calls.clear()
    if (copy) this.#disk.fill(copy)
    this.#life = { ended: false }
    this.#heads = new Map()
    this.#sequencer = this.#startSequencer()
  }

  copy(): Contents {
    return this.#disk.contents()
  }

  close(): void {
    this.#life.ended = true
    this.#sequencer.life.ended = true
    this.#disk.release()
  }

  #startSequencer(): Sequencer {
    const life = { ended: false }
    const store = new Store(':memory:', this.#disk.database)
    const channels = new Channels(store)
    const log = new ChannelLog(store)
    const { wires, accounts } = this.#init
    const [gateway, lane] = [this.#life, `sequencer ${++this.#starts}`]
    const commits = new GroupCommit(log, new HeldBack(), (messages) => {
      const arrive = () => this.#sequenced(messages)
      wires.send({ to: gateway, over: [life], lane, what: 'sequenced', arrive })
    })
    const directory = new FakeRef<typeof auth>('auth', () => ({
      lookup: (ids) =>
        new Promise((resolve) => {
          const arrive = () => resolve(accounts.filter(({ id }) => ids.includes(id)))
          wires.send({ to: life, what: 'the keys of an author', arrive })
        }),
    }))
    const authors = new Authors(directory.ref)
    const intake = new Intake({ log, channels, commits, authors, proofs: new ProofsHere(wires, life) })
    return { life, lane, channels, log, intake }
  }

  #call<T>(work: (sequencer: Sequencer) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call: SequencerCall = (sequencer) => {
        const settle = (settled: () => void) => {
          if (sequencer.life.ended || !this.#calls.delete(call)) return
          settled()
        }
        const arrive = () =>
          void Promise.try(work, sequencer).then(
            (value) => settle(() => resolve(value)),
            (error: unknown) => settle(() => reject(asError(error))),
          )
        const { life, lane } = sequencer
        this.#init.wires.send({ to: life, lane: `to ${lane}`, what: 'a call of the sequencer', arrive })
      }
      this.#calls.add(call)
      call(this.#sequencer)
    })
  }

  #handlers(connection: Connection): {
    [M in ControlMethod]?: (params: ControlParams<M>) => Promise<ControlResult<M>>
  } {
    const { account } = connection
    const asMember = <T>(channel: string, work: (sequencer: Sequencer) => T) =>
      this.#call((sequencer) => {
        sequencer.channels.requireMember(channel, account.id)
        return work(sequencer)
      })
    return {
      'channel.join': async ({ channel }) =>
        this.#memberJoined(
          account.id,
          await this.#call(({ channels }) => channels.join(channel, account.id)),
        ),
      'message.submit': async ({ envelope }) => {
        const bytes = Buffer.from(envelope, 'base64')
        const place = await this.#call(({ intake }) => intake.submit(bytes, account.id))
        const { repeated: _repeated, ...told } = this.#init.answerOf?.(place) ?? place
        return told
      },
      'message.history': (query) =>
        asMember(query.channel, ({ log }) => log.page({ ...query, limit: Math.min(pageMost, query.limit) })),
      'log.digests': ({ channel, seqs }) => asMember(channel, ({ log }) => log.digests(channel, seqs)),
      'directory.lookup': async ({ accounts }) =>
        this.#init.accounts.filter(({ id }) => accounts.includes(id)),
      'peer.announce': async ({ peer }) => {
        connection.peer = peer
        this.#peersChanged()
        return {}
      },
    }
  }

  #sequenced(messages: Sequenced[]): void {
    const last = messages.at(-1)
    if (!last) return
    this.#raiseHead(last.channel, last.seq)
    for (const connection of this.#connections)
      if (this.#joined(connection.account.id, last.channel)) connection.event('confirmed', messages)
  }

  #memberJoined(account: string, joined: Channel): Channel {
    const channel = this.#upToDate(joined)
    for (const connection of this.#connections) {
      const member = this.#joined(connection.account.id, channel.id)
      connection.event('channel', { ...channel, member })
    }
    this.#peersChanged()
    return { ...channel, member: this.#joined(account, channel.id) }
  }

  #joined(account: string, channel: string): boolean {
    return this.#channelsOf(account).includes(channel)
  }

  #channelsOf(account: string): string[] {
    return this.#sequencer.channels.all(account).flatMap(({ id, member }) => (member ? [id] : []))
  }

  #upToDate(channel: Channel): Channel {
    return { ...channel, head: this.#raiseHead(channel.id, channel.head) }
  }

  #raiseHead(channel: string, heard: number): number {
    const head = Math.max(heard, this.#heads.get(channel) ?? 0)
    this.#heads.set(channel, head)
    return head
  }

  #peersOf({ account }: Connection): OnlinePeer[] {
    const own = this.#channelsOf(account.id)
    return [...this.#connections].flatMap(({ account: { id, name }, peer }) => {
      const channels = this.#channelsOf(id).filter((channel) => own.includes(channel))
      if (peer === undefined || id === account.id || channels.length === 0) return []
      return [{ account: id, name, peer, channels }]
    })
  }

  #peersChanged(): void {
    for (const connection of this.#connections) {
      const peers = this.#peersOf(connection)
      const told = JSON.stringify(peers)
      if (told === connection.toldPeers) continue
      connection.toldPeers = told
      connection.event('peers', peers)
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
