import type { ChannelView, MessageView } from '../../shared/bridge.ts'
import type { Channel } from '../../shared/channel.ts'
import { signedBytes } from '../../shared/envelope.ts'
import type { OnlinePeer, Sequenced, Welcome } from '../../shared/control.ts'
import { errorMessage, UnitedError } from '../../shared/errors.ts'
import type { Database } from '../../shared/store/database.ts'
import type { ActorContext, ActorRef } from '../../supervisor/runtime/actor-side.ts'
import { askAgain } from '../../supervisor/runtime/retries.ts'
import { cryptoContract } from '../crypto/contract.ts'
import { linkContract } from '../link/contract.ts'
import { p2pContract } from '../p2p/contract.ts'
import { CatchUp } from './catch-up.ts'
import { ChannelList } from './channel-list.ts'
import type { ChatApi, chatContract } from './contract.ts'
import { Directory } from './directory.ts'
import { NotAMember, UnknownMessage } from './errors.ts'
import { Inbox } from './inbox.ts'
import { MessageLog } from './message-log.ts'
import { Outbox } from './outbox.ts'

/** The list of channels is told at most this often, ms: every message changes it. */
const listEveryMs = 50

/** The conversation of one account: what is written here goes out, what is heard comes in, both through the log. */
export class Chat {
  readonly #context: ActorContext<typeof chatContract>
  readonly #log: MessageLog
  readonly #channels: ChannelList
  readonly #directory: Directory
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #catchUp: CatchUp
  readonly #crypto: ActorRef<typeof cryptoContract>
  readonly #p2p: ActorRef<typeof p2pContract>
  readonly #link: ActorRef<typeof linkContract>
  #relays: string[] = []
  #peers: OnlinePeer[] = []
  #listTimer: NodeJS.Timeout | undefined

  constructor(context: ActorContext<typeof chatContract>, database: Database) {
    this.#context = context
    this.#crypto = context.link(cryptoContract)
    this.#p2p = context.link(p2pContract)
    this.#link = context.link(linkContract)
    this.#log = new MessageLog(database, context.init.account)
    this.#channels = new ChannelList(database)
    this.#directory = new Directory(database, (accounts) => this.#link.call.lookup({ accounts }))
    this.#inbox = new Inbox({ log: this.#log, directory: this.#directory, crypto: this.#crypto })
    this.#outbox = new Outbox({
      log: this.#log,
      crypto: this.#crypto,
      p2p: this.#p2p,
      link: this.#link,
      changed: (id) => this.#show(id),
      confirmed: (channel, id, seq) => this.#confirmedOwn(channel, id, seq),
    })
    this.#catchUp = new CatchUp({
      channels: this.#channels,
      history: (params) => this.#link.call.history(params),
      take: (page) => this.#takeSequenced(page.messages),
    })
  }

  start(): void {
    const { account, publicKey } = this.#context.init
    this.#directory.keep([{ ...account, keys: [Buffer.from(publicKey).toString('base64')] }])

    this.#p2p.on('gossip', ({ channel, envelope }) => void this.#heard(channel, envelope))
    this.#p2p.on('reachable', () => void this.#settled('announcement', () => this.#announce()))
    this.#p2p.onUp(() => void this.#p2pUp())

    this.#link.on('welcome', (welcome) => this.#welcome(welcome))
    this.#link.on('channel', (channel) => this.#channelChanged(channel))
    this.#link.on('confirmed', (messages) => void this.#confirmed(messages))
    this.#link.on('heads', (heads) => {
      for (const { channel, head } of heads) {
        this.#channels.raiseHead(channel, head)
        void this.#catchUp.close(channel)
      }
    })
    this.#link.on('peers', (peers) => {
      this.#peers = peers
      void this.#participate()
    })
    this.#link.on('relays', (relays) => {
      this.#relays = relays
      void this.#participate()
    })
    this.#link.onUp(() => void this.#linkUp())
  }

  stop(): void {
    clearTimeout(this.#listTimer)
    this.#outbox.stop()
    this.#catchUp.stop()
  }

  readonly api: ChatApi = {
    channels: async () => this.#channels.all(),
    createChannel: async (params) => this.#joined(await this.#link.call.createChannel(params)),
    joinChannel: async (channel) => this.#joined(await this.#link.call.joinChannel({ channel })),
    page: async ({ channel, before, limit }) => this.#log.page(channel, before, limit),
    send: async ({ id, channel, text }) => {
      const known = this.#log.view(id)
      if (known) return known
      if (!this.#channels.isMember(channel)) throw new NotAMember()
      const envelope = this.#log.compose(id, channel, text, this.#context.init.publicKey)
      const signature = this.#crypto.call.sign(signedBytes(envelope))
      this.#log.write(envelope)
      this.#outbox.bring(id, signature)
      this.#show(id)
      return this.#view(id)
    },
    retry: async (id) => {
      this.#log.retry(id)
      const view = this.#view(id)
      this.#show(id)
      this.#outbox.bring(id)
      return view
    },
  }

  #view(id: string): MessageView {
    const view = this.#log.view(id)
    if (!view) throw new UnknownMessage(id)
    return view
  }

  #joined(channel: Channel): ChannelView {
    this.#channelChanged(channel)
    const view = this.#channels.get(channel.id)
    if (!view) throw new UnitedError('unknown-channel', 'This channel is not known here.')
    return view
  }

  #welcome(welcome: Welcome): void {
    this.#relays = welcome.relays
    this.#peers = welcome.peers
    for (const channel of welcome.channels) this.#channels.keep(channel)
    this.#listSoon()
    void this.#participate()
    for (const channel of this.#channels.joined()) void this.#catchUp.close(channel)
    this.#outbox.drain()
  }

  #channelChanged(channel: Channel): void {
    const wasMember = this.#channels.get(channel.id)?.member === true
    this.#channels.keep(channel)
    this.#listSoon()
    if (channel.member && !wasMember) {
      void this.#participate()
      void this.#catchUp.close(channel.id)
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
      await this.#announce()
      this.#outbox.gossipAgain()
    })
  }

  async #announce(): Promise<void> {
    const peer = await this.#p2p.call.reachableAs()
    if (peer !== null) await this.#link.call.announce(peer)
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
      for (const id of await this.#inbox.takeGossip(channel, bytes)) this.#show(id)
    })
  }

  async #confirmed(messages: readonly Sequenced[]): Promise<void> {
    await this.#settled('confirmation', () => this.#takeSequenced(messages))
    for (const channel of new Set(messages.map((message) => message.channel)))
      void this.#catchUp.close(channel)
  }

  async #takeSequenced(messages: readonly Sequenced[]): Promise<void> {
    for (const { channel, seq } of messages) this.#channels.raiseHead(channel, seq)
    for (const id of await this.#inbox.takeSequenced(messages)) {
      this.#show(id)
      this.#outbox.bringIfWaiting(id)
    }
    for (const channel of new Set(messages.map((message) => message.channel))) this.#channels.advance(channel)
  }

  #confirmedOwn(channel: string, id: string, seq: number): void {
    if (!this.#log.confirm(id, seq)) return
    this.#channels.raiseHead(channel, seq)
    this.#channels.advance(channel)
    this.#show(id)
    void this.#catchUp.close(channel)
  }

  #show(id: string): void {
    const view = this.#log.view(id)
    if (view) this.#context.emit('message', view)
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
