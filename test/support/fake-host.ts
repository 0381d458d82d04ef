import { EventEmitter } from 'node:events'
import type { BridgeHost } from '../../supervisor/bridge-host.ts'
import type { Account } from '../../shared/account.ts'
import type {
  BridgeAnswer,
  BridgeEvent,
  BridgeEventData,
  BridgeMethod,
  BridgeParams,
  BridgeResult,
  ChannelView,
  KeyChange,
  LinkView,
  LogComparison,
  LogRange,
  MessageView,
  PeerView,
} from '../../shared/bridge.ts'

type Handlers = {
  [M in BridgeMethod]?: (params: BridgeParams<M>) => BridgeResult<M> | Promise<BridgeResult<M>>
}

const uuid = (kind: number, n: number) => `0190000${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

export const me: Account = { id: uuid(1, 0xa11ce), name: 'alice' }
export const others: readonly Account[] = ['bob', 'carol.w', 'dimitri'].map((name, n) => ({
  id: uuid(1, 0x1000 * n + n * 7 + 3),
  name,
}))
const words =
  'we could meet at the old station after lunch and see whether the garden is open because Tuesday was too wet for it'.split(
    ' ',
  )

export interface FakeHostInit {
  /** How many confirmed messages the channel has. */
  head: number
  /** Which of them are on the device; all by default. */
  held?: LogRange[]
  read?: number
  /** How long an answer takes, ms. */
  latencyMs?: number
}

/** The host of a window with one long channel, all in memory: what is said there is told by its place alone. */
export class FakeHost {
  /** How often each method was called. */
  readonly calls: { method: BridgeMethod; params: unknown }[] = []
  readonly channel: ChannelView
  readonly handlers: Handlers
  readonly #init: FakeHostInit
  readonly #started = Date.now()
  readonly #events = new EventEmitter<{ event: [BridgeEvent, unknown] }>()
  readonly pending: MessageView[] = []
  /** Said since the start, by place. */
  readonly #said = new Map<number, MessageView>()
  link: LinkView = {
    state: 'online',
    since: Date.now(),
    error: null,
    retryAt: null,
    rttMs: 12,
    lastError: null,
  }
  peers: PeerView[] = []
  keyChanges: KeyChange[] = []
  comparison: Omit<LogComparison, 'channel' | 'at'> = { seq: 0, server: 'agrees', peers: [] }

  constructor(init: FakeHostInit) {
    this.#init = init
    this.#events.setMaxListeners(0)
    const { head, held = [{ from: 1, to: head }], read = head } = init
    this.channel = {
      ...{ id: uuid(2, 1), name: 'general', topic: 'All and sundry', createdBy: me.id },
      ...{ member: true, members: 4, head, held: head > 0 ? held : [], read, unread: head - read },
      ...{ lastAt: head > 0 ? this.#timeOf(head) : null, pending: 0 },
    }
    this.handlers = this.#handlers()
  }

  get bridge(): BridgeHost {
    // The window's server uses these two of it, and TypeScript compares private members as well.
    return { invoke: this.invoke, subscribe: this.subscribe } as unknown as BridgeHost
  }

  invoke = async (method: BridgeMethod, params: unknown): Promise<BridgeAnswer> => {
    this.calls.push({ method, params })
    await new Promise((resolve) => setTimeout(resolve, this.#init.latencyMs ?? 3))
    const handler = this.handlers[method] as ((params: unknown) => unknown) | undefined
    if (!handler) return { ok: false, error: { code: 'not-here', message: `${method} is not in this fake.` } }
    return { ok: true, result: await handler(params) }
  }

  subscribe = (handler: (event: BridgeEvent, data: unknown) => void): (() => void) => {
    this.#events.on('event', handler)
    return () => this.#events.off('event', handler)
  }

  tell<E extends BridgeEvent>(event: E, data: BridgeEventData<E>): void {
    this.#events.emit('event', event, data)
  }

  messageAt(seq: number): MessageView {
    const said = this.#said.get(seq)
    if (said) return said
    const author = [...others, me][Math.floor(seq / 3) % 4] ?? me
    const length = 3 + ((seq * 7) % 29)
    const text = Array.from({ length }, (_, n) => words[(seq + n * 5) % words.length]).join(' ')
    return this.#message(seq, author, `${seq}: ${text}`, this.#timeOf(seq))
  }

  /** Somebody else says something, and it is confirmed. */
  say(text: string, author: Account = others[0] ?? me): MessageView {
    const message = this.#message(this.channel.head + 1, author, text, Date.now())
    this.confirm(message)
    return message
  }

  confirm(message: MessageView): void {
    const { channel } = this
    channel.head += 1
    const confirmed: MessageView = { ...message, seq: channel.head, state: 'confirmed' }
    this.#said.set(channel.head, confirmed)
    const at = this.pending.findIndex(({ id }) => id === message.id)
    if (at >= 0) this.pending.splice(at, 1)
    const last = channel.held.at(-1)
    if (last) last.to = channel.head
    else channel.held.push({ from: channel.head, to: channel.head })
    if (!message.mine) channel.unread += 1
    this.tell('messages', [confirmed])
    this.tell('channels', [channel])
  }

  /** What was away comes to the device. */
  arrive(range: LogRange): void {
    const { held } = this.channel
    held.push(range)
    held.sort((a, b) => a.from - b.from)
    this.tell('messages', this.#range(range))
    this.tell('channels', [this.channel])
  }

  /** Without a place, as long as nobody confirms it. */
  keep(text: string, state: MessageView['state'] = 'waiting', author: Account = me): MessageView {
    const message: MessageView = {
      ...this.#message(null, author, text, Date.now()),
      ...{ id: uuid(4, this.pending.length + 1), lamport: 1_000_000 + this.pending.length, state },
      refusal:
        state === 'refused'
          ? { code: 'too-fast', message: 'You write faster than this server takes.' }
          : null,
    }
    this.pending.push(message)
    this.tell('messages', [message])
    return message
  }

  #handlers(): Handlers {
    const { channel } = this
    return {
      'session.get': () => ({
        ...{ phase: 'signed-in', account: me, server: 'https://chat.example', profile: 'test' },
        ...{ knownNames: ['alice'], ended: null },
      }),
      'channels.list': () => [channel],
      'channels.read': ({ seq }) => {
        channel.read = Math.max(channel.read, seq)
        channel.unread = channel.head - channel.read
        this.tell('channels', [channel])
        return {}
      },
      'channels.at': ({ at }) => {
        for (let seq = 1; seq <= channel.head; seq++) if (this.messageAt(seq).at >= at) return { seq }
        return { seq: null }
      },
      'channels.compare': () => ({ ...this.comparison, channel: channel.id, at: Date.now() }),
      'messages.range': (range) => this.#range(range),
      'messages.pending': () => this.pending,
      'messages.shown': () => ({}),
      'messages.trace': ({ id }) => this.#trace(id),
      'messages.send': ({ id, text }) => {
        const message = { ...this.#message(null, me, text, Date.now()), id }
        this.pending.push(message)
        setTimeout(() => this.confirm(message), 30)
        return message
      },
      'keys.changes': () => this.keyChanges,
      'keys.accept': ({ key }) => {
        this.keyChanges = this.keyChanges.filter((change) => change.key !== key)
        this.tell('keyChanges', this.keyChanges)
        return {}
      },
      'link.get': () => this.link,
      'connection.restart': () => ({}),
      'peers.list': () => this.peers,
      'actors.list': () => [],
      'actors.deadLetters': () => ({ counts: {}, recent: [] }),
    }
  }

  #range({ from, to }: LogRange): MessageView[] {
    const found: MessageView[] = []
    for (const range of this.channel.held)
      for (let seq = Math.max(from, range.from); seq <= Math.min(to, range.to, this.channel.head); seq++)
        found.push(this.messageAt(seq))
    return found
  }

  #trace(id: string): BridgeResult<'messages.trace'> {
    const at = Date.now() - 60_000
    return id.endsWith('0')
      ? []
      : [
          { stage: 'written', at, actor: 'chat' },
          { stage: 'signed', at: at + 3, actor: 'crypto' },
          { stage: 'gossiped', at: at + 9, actor: 'p2p' },
          { stage: 'sequenced', at: at + 31, actor: 'server' },
          { stage: 'confirmed', at: at + 44, actor: 'link' },
          { stage: 'shown', at: at + 52, actor: 'window' },
        ]
  }

  #message(seq: number | null, author: Account, text: string, at: number): MessageView {
    return {
      ...{ id: uuid(3, seq ?? 0), channel: this.channel.id, author, mine: author.id === me.id },
      ...{ newKey: false, text, at, lamport: seq ?? 1_000_000, seq },
      ...{ state: seq === null ? 'waiting' : 'confirmed', refusal: null },
    }
  }

  /** One message every two minutes, up to an hour ago. */
  #timeOf(seq: number): number {
    return this.#started - 3_600_000 - (this.#init.head - seq) * 120_000
  }
}
