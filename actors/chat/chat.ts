import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelView, LogRange, MessageView } from '../../shared/bridge.ts'
import type { Channel } from '../../shared/channel.ts'
import { limits } from '../../shared/limits.ts'
import { signedBytes } from '../../shared/envelope.ts'
import type { OnlinePeer, Sequenced, Welcome } from '../../shared/control.ts'
import { errorCode, errorMessage, UnitedError } from '../../shared/errors.ts'
import type { Database } from '../../shared/store/database.ts'
import type { ActorContext, ActorRef } from '../../supervisor/runtime/actor-side.ts'
import { askAgain, backoffMs } from '../../supervisor/runtime/retries.ts'
import { cryptoContract } from '../crypto/contract.ts'
import { linkContract } from '../link/contract.ts'
import { p2pContract, type PeerConnection } from '../p2p/contract.ts'
import { ChannelList } from './channel-list.ts'
import type { ChatApi, chatContract } from './contract.ts'
import { deliveryTimes, stepsOf } from './delivery-trace.ts'
import { Directory } from './directory.ts'
import { NotAMember, UnknownMessage } from './errors.ts'
import { HeldRanges } from './held-ranges.ts'
import { Inbox } from './inbox.ts'
import { LogSync } from './log-sync.ts'
import { MessageLog } from './message-log.ts'
import { Outbox } from './outbox.ts'
import { PeerLogs } from './peer-logs.ts'

/** The list of channels is told at most this often, ms: every message changes it. */
const listEveryMs = 50
/** How many messages the delivery times are taken from. */
const tracedMessages = 1_000
/** How often a peer that refuses is asked for news, and how long is waited in between, ms. */
const meetings = { most: 5, firstMs: 250, maxMs: 5_000 }

/** The conversation of one account: what is written here goes out, what is heard comes in, both through the log. */
export class Chat {
  readonly #context: ActorContext<typeof chatContract>
  readonly #log: MessageLog
  readonly #channels: ChannelList
  readonly #directory: Directory
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #peerLogs: PeerLogs
  readonly #sync: LogSync
  readonly #crypto: ActorRef<typeof cryptoContract>
  readonly #p2p: ActorRef<typeof p2pContract>
  readonly #link: ActorRef<typeof linkContract>
  #relays: string[] = []
  #peers: OnlinePeer[] = []
  /** Those with which there is a direct connection now. */
  #direct = new Set<string>()
  /** Those of them that were asked for news. */
  readonly #met = new Set<string>()
  #listTimer: NodeJS.Timeout | undefined

  constructor(context: ActorContext<typeof chatContract>, database: Database) {
    this.#context = context
    this.#crypto = context.link(cryptoContract)
    this.#p2p = context.link(p2pContract)
    this.#link = context.link(linkContract)
    const held = new HeldRanges(database)
    this.#log = new MessageLog(database, context.init.account, held)
    this.#channels = new ChannelList(database, context.init.account.id, held)
    this.#directory = new Directory(database, {
      lookup: (accounts) => this.#link.call.lookup({ accounts }),
      changed: () => context.emit('keyChanges', this.#directory.changes()),
    })
    this.#inbox = new Inbox({ log: this.#log, directory: this.#directory, crypto: this.#crypto })
    this.#outbox = new Outbox({
      log: this.#log,
      crypto: this.#crypto,
      p2p: this.#p2p,
      link: this.#link,
      changed: (id) => this.#show([id]),
      confirmed: (place) => {
        void this.#settled('confirmation', () => this.#sync.confirmOwn(place))
      },
    })
    this.#peerLogs = new PeerLogs({
      p2p: this.#p2p,
      log: this.#log,
      held,
      channels: this.#channels,
      sharesChannel: (peer, channel) =>
        this.#peers.some((one) => one.peer === peer && one.channels.includes(channel)),
    })
    this.#sync = new LogSync({
      log: this.#log,
      held,
      channels: this.#channels,
      inbox: this.#inbox,
      link: this.#link,
      logs: this.#peerLogs,
      peers: () => this.#connected(),
      changed: (ids) => this.#changed(ids),
      differs: (channel) => this.#resume(channel),
      putBack: () => this.#outbox.drain(),
    })
  }

  start(): void {
    const { account, publicKey } = this.#context.init
    this.#directory.keepOwn(account, publicKey)

    this.#p2p.on('gossip', ({ channel, envelope }) => void this.#heard(channel, envelope))
    this.#p2p.on('asked', ({ id, peer, request }) => {
      void this.#settled('a question', () =>
        this.#p2p.call.answer({ id, answer: this.#peerLogs.answer(peer, request) }),
      )
    })
    this.#p2p.on('connections', (connections) => this.#connectionsChanged(connections))
    this.#p2p.on('reachable', () => void this.#settled('announcement', () => this.#announce()))
    this.#p2p.onUp(() => void this.#p2pUp())

    this.#link.on('welcome', (welcome) => this.#welcome(welcome))
    this.#link.on('channel', (channel) => this.#channelChanged(channel))
    this.#link.on('confirmed', (messages) => void this.#confirmed(messages))
    this.#link.on('heads', (heads) => {
      for (const { channel, head } of heads) {
        this.#channels.raiseHead(channel, head)
        void this.#sync.history.complete(channel)
      }
    })
    this.#link.on('peers', (peers) => this.#peersChanged(peers))
    this.#link.on('relays', (relays) => {
      this.#relays = relays
      void this.#participate()
    })
    this.#link.onUp(() => void this.#linkUp())
  }

  stop(): void {
    clearTimeout(this.#listTimer)
    this.#outbox.stop()
    this.#sync.history.stop()
  }

  readonly api: ChatApi = {
    channels: async () => this.#channels.all(),
    createChannel: async (params) => this.#joined(await this.#link.call.createChannel(params)),
    joinChannel: async (channel) => this.#joined(await this.#link.call.joinChannel({ channel })),
    range: async ({ channel, from, to }) => this.#range(channel, { from, to }),
    pending: async (channel) => this.#log.pending(channel),
    read: async ({ channel, seq }) => {
      this.#channels.markRead(channel, seq)
      this.#listSoon()
    },
    at: (params) => this.#link.call.at(params),
    compare: (channel) => this.#sync.compare(channel),
    trace: async (id) => {
      const row = this.#log.trace(id)
      if (!row) throw new UnknownMessage(id)
      return stepsOf(row)
    },
    shown: async ({ ids, at }) => this.#log.noteShown(ids, at),
    deliveryTimes: async () => deliveryTimes(this.#log.lastTraces(tracedMessages)),
    keyChanges: async () => this.#directory.changes(),
    acceptKey: async ({ account, key }) => this.#directory.accept(account, key),
    send: async ({ id, channel, text }) => {
      const known = this.#log.view(id)
      if (known) return known
      if (!this.#channels.isMember(channel)) throw new NotAMember()
      const envelope = this.#log.compose(id, channel, text, this.#context.init.publicKey)
      const signature = this.#crypto.call.sign(signedBytes(envelope))
      this.#log.write(envelope)
      this.#outbox.bring(id, signature)
      this.#show([id])
      return this.#view(id)
    },
    retry: async (id) => {
      this.#log.retry(id)
      const view = this.#view(id)
      this.#show([id])
      this.#outbox.bring(id)
      return view
    },
  }

  #view(id: string): MessageView {
    const view = this.#log.view(id)
    if (!view) throw new UnknownMessage(id)
    return view
  }

  #range(channel: string, asked: LogRange): MessageView[] {
    const range = { from: asked.from, to: Math.min(asked.to, asked.from + limits.historyPage - 1) }
    const messages = this.#log.range(channel, range)
    const head = this.#channels.get(channel)?.head ?? 0
    const there = Math.max(0, Math.min(range.to, head) - range.from + 1)
    if (messages.length < there) this.#sync.history.want(channel, range)
    return messages
  }

  #joined(channel: Channel): ChannelView {
    this.#channelChanged(channel)
    const view = this.#channels.get(channel.id)
    if (!view) throw new UnitedError('unknown-channel', 'This channel is not known here.')
    return view
  }

  #welcome(welcome: Welcome): void {
    this.#relays = welcome.relays
    for (const channel of welcome.channels) {
      this.#channels.keep(channel)
      this.#channels.lowerHead(channel.id, channel.head)
    }
    this.#listSoon()
    this.#peersChanged(welcome.peers)
    for (const channel of this.#channels.joined()) this.#resume(channel)
    this.#outbox.drain()
  }

  #channelChanged(channel: Channel): void {
    const wasMember = this.#channels.get(channel.id)?.member === true
    this.#channels.keep(channel)
    this.#listSoon()
    if (channel.member && !wasMember) {
      void this.#participate()
      void this.#sync.history.complete(channel.id)
    }
  }

  async #linkUp(): Promise<void> {
    await this.#settled('link', async () => {
      const snapshot = await this.#link.call.snapshot()
      if (snapshot) this.#welcome(snapshot)
      // A new life of link does not know as whom this device gossips.
      await this.#announce()
    })
  }

  async #p2pUp(): Promise<void> {
    await this.#settled('p2p', async () => {
      await this.#p2p.call.configure(this.#participation())
      this.#connectionsChanged(await this.#p2p.call.connections())
      await this.#announce()
      this.#outbox.gossipAgain()
    })
  }

  async #announce(): Promise<void> {
    const peer = await this.#p2p.call.reachableAs()
    if (peer !== null) await this.#link.call.announce(peer)
  }

  #resume(channel: string): void {
    void this.#settled('resuming', () => this.#sync.resume(channel))
  }

  #peersChanged(peers: OnlinePeer[]): void {
    this.#peers = peers
    void this.#participate()
    void this.#settled('introductions', () => this.#directory.introduce(peers.map(({ account }) => account)))
    this.#meetPeers()
  }

  #connectionsChanged(connections: readonly PeerConnection[]): void {
    this.#direct = new Set(connections.filter(({ direct }) => direct).map(({ peer }) => peer))
    for (const peer of this.#met) if (!this.#direct.has(peer)) this.#met.delete(peer)
    this.#meetPeers()
  }

  /** Whoever is connected and was introduced may have heard what was missed here. */
  #meetPeers(): void {
    for (const { peer, channels } of this.#peers) {
      if (!this.#direct.has(peer) || this.#met.has(peer)) continue
      this.#met.add(peer)
      for (const channel of channels) void this.#settled('a peer', () => this.#meet(peer, channel))
    }
  }

  async #meet(peer: string, channel: string): Promise<void> {
    for (let attempt = 1; this.#direct.has(peer); attempt++) {
      try {
        return await this.#sync.meet(peer, channel)
      } catch (error) {
        // The server introduces two people to each other one after the other: until then one of them is refused.
        if (errorCode(error) !== 'peer-refused' || attempt === meetings.most) throw error
        await sleep(backoffMs(meetings, attempt, Math.random), undefined, { ref: false })
      }
    }
  }

  #connected() {
    return this.#peers
      .filter(({ peer }) => this.#direct.has(peer))
      .map(({ peer, account, name }) => ({ peer, account: { id: account, name } }))
  }

  #participation() {
    return {
      server: this.#context.init.server,
      relays: this.#relays,
      channels: this.#channels.joined(),
      peers: this.#peers.map(({ peer }) => peer),
    }
  }

  async #participate(): Promise<void> {
    await this.#settled('p2p', () => this.#p2p.call.configure(this.#participation()))
  }

  async #heard(channel: string, bytes: Uint8Array): Promise<void> {
    await this.#settled('gossip', async () => {
      this.#show(await this.#inbox.takeUnplaced(channel, [bytes]))
    })
  }

  async #confirmed(messages: readonly Sequenced[]): Promise<void> {
    const channel = messages[0]?.channel
    if (channel !== undefined)
      await this.#settled('confirmation', () => this.#sync.confirm(channel, messages))
  }

  /** What the server has taken may have put text of our own under a new id. */
  #changed(ids: readonly string[]): void {
    this.#show(ids)
    for (const id of ids) this.#outbox.bringIfWaiting(id)
  }

  #show(ids: readonly string[]): void {
    const views = ids.map((id) => this.#log.view(id)).filter((view) => view !== undefined)
    if (views.length > 0) this.#context.emit('messages', views)
    this.#listSoon()
  }

  #listSoon(): void {
    this.#listTimer ??= setTimeout(() => {
      this.#listTimer = undefined
      this.#context.emit('channels', this.#channels.all())
    }, listEveryMs)
  }

  /**
   * Work that nobody waits for. What other actors and peers answer may fail, and is begun again when they are back or
   * when the next message shows a gap; a fault of our own is not hidden.
   */
  async #settled(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await askAgain(work)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      console.error(`chat: ${what}: ${errorMessage(error)}`)
    }
  }
}
