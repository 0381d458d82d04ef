import Type, { type Static } from 'typebox'
import { Account, AccountName } from './account.ts'
import { Channel, ChannelName } from './channel.ts'
import { WireError } from './control.ts'
import { AccountId, ChannelId, MessageId, PeerId } from './ids.ts'
import { limits } from './limits.ts'
import { checker } from './schema.ts'

/*
 * The one way between the window and the supervisor. Two carriers hold it: Electron's preload
 * (`ipcRenderer.invoke` and `on`) and a WebSocket on 127.0.0.1. Both ends check every value against these schemas.
 */

const closed = { additionalProperties: false } as const
const Nothing = Type.Object({}, closed)
const Milliseconds = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const SessionView = Type.Object(
  {
    phase: Type.Union([Type.Literal('signed-out'), Type.Literal('signing-in'), Type.Literal('signed-in')]),
    /** Who is signed in; null otherwise. */
    account: Type.Union([Account, Type.Null()]),
    /** The address of the coordination server. */
    server: Type.String(),
    profile: Type.String(),
    /** Names that have an identity on this device, last used first. */
    knownNames: Type.Array(Type.String()),
    /** Why the last session ended without the user asking for it. */
    ended: Type.Union([WireError, Type.Null()]),
  },
  closed,
)
export type SessionView = Static<typeof SessionView>

const Seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

/** Places of a channel's log without a gap, both ends included. */
export const LogRange = Type.Object({ from: Seq, to: Seq }, closed)
export type LogRange = Static<typeof LogRange>

/** A channel as this device sees it. */
export const ChannelView = Type.Object(
  {
    ...Channel.properties,
    /** Which of the messages 1 to `head` are on this device: ascending, neither touching nor overlapping. */
    held: Type.Array(LogRange),
    /** The highest `server_seq` that was read here; 0 for none. */
    read: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    /** How many messages of others lie beyond it. */
    unread: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    /** `at` of the newest message here; null for an empty log. */
    lastAt: Type.Union([Milliseconds, Type.Null()]),
    /** This account's messages that wait for the server. */
    pending: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  closed,
)
export type ChannelView = Static<typeof ChannelView>

export const MessageView = Type.Object(
  {
    id: MessageId,
    channel: ChannelId,
    author: Account,
    mine: Type.Boolean(),
    /** Signed by a key that its author did not have when this device first met them, and that nobody has accepted. */
    newKey: Type.Boolean(),
    text: Type.String(),
    /** The author's wall clock, ms since the epoch. */
    at: Milliseconds,
    lamport: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    /** The server's place for it in the channel, 1 and up without gaps; null until it is confirmed. */
    seq: Type.Union([Seq, Type.Null()]),
    /**
     * `waiting`: on this device only. `with-peers`: at least one peer was sent it. `confirmed`: it has a seq.
     * `refused`: the server will not take it; `refusal` says why.
     */
    state: Type.Union([
      Type.Literal('waiting'),
      Type.Literal('with-peers'),
      Type.Literal('confirmed'),
      Type.Literal('refused'),
    ]),
    refusal: Type.Union([WireError, Type.Null()]),
  },
  closed,
)
export type MessageView = Static<typeof MessageView>

/**
 * What happened to a message, in this order where all of it did: `written`, `signed`, `gossiped`, `sequenced`,
 * `confirmed` and `shown` for one of our own; `written`, `received`, `sequenced`, `confirmed` and `shown` for others'.
 */
export const DeliveryStage = Type.Union([
  Type.Literal('written'),
  Type.Literal('signed'),
  Type.Literal('gossiped'),
  Type.Literal('received'),
  Type.Literal('sequenced'),
  Type.Literal('confirmed'),
  Type.Literal('shown'),
])
export type DeliveryStage = Static<typeof DeliveryStage>

export const DeliveryStep = Type.Object(
  {
    stage: DeliveryStage,
    /** ms since the epoch, by the clock of whoever did it. */
    at: Milliseconds,
    /** Which actor did it: of this desktop, `server` or `author` for somebody else's clock, or `window`. */
    actor: Type.String(),
  },
  closed,
)
export type DeliveryStep = Static<typeof DeliveryStep>

/** From one stage to another, over the last messages that passed both. */
export const DeliveryTime = Type.Object(
  {
    from: DeliveryStage,
    to: DeliveryStage,
    count: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    p50Ms: Milliseconds,
    p99Ms: Milliseconds,
  },
  closed,
)
export type DeliveryTime = Static<typeof DeliveryTime>

/** A device key of somebody that came after this device first met them. */
export const KeyChange = Type.Object(
  {
    account: Account,
    /** Base64 of the Ed25519 public key. */
    key: Type.String(),
    /** When it was first seen here. */
    since: Milliseconds,
  },
  closed,
)
export type KeyChange = Static<typeof KeyChange>

/** How a channel's log here compares with those of others: by its digest at the highest place that both have. */
export const LogComparison = Type.Object(
  {
    channel: ChannelId,
    at: Milliseconds,
    /** The highest place that was compared; 0 for an empty log. */
    seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    server: Type.Union([Type.Literal('agrees'), Type.Literal('differs'), Type.Literal('unknown')]),
    peers: Type.Array(
      Type.Object(
        {
          peer: PeerId,
          account: Type.Union([Account, Type.Null()]),
          /** `silent`: it did not answer. `apart`: no place that both have. */
          result: Type.Union([
            Type.Literal('agrees'),
            Type.Literal('differs'),
            Type.Literal('apart'),
            Type.Literal('silent'),
          ]),
          /** The first place at which the logs differ; null where they do not. */
          firstDifference: Type.Union([Seq, Type.Null()]),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type LogComparison = Static<typeof LogComparison>

export const LinkView = Type.Object(
  {
    state: Type.Union([Type.Literal('online'), Type.Literal('connecting'), Type.Literal('offline')]),
    since: Milliseconds,
    /** Why it is not online; null while all is well. */
    error: Type.Union([WireError, Type.Null()]),
    /** When the next attempt is made, ms since the epoch; null when none is planned. */
    retryAt: Type.Union([Milliseconds, Type.Null()]),
    /** The last round trip to the server, ms; null while it was not measured. */
    rttMs: Type.Union([Milliseconds, Type.Null()]),
    /** Why it was last offline; stays when it is online again. Null when it never was. */
    lastError: Type.Union([Type.Object({ at: Milliseconds, error: WireError }, closed), Type.Null()]),
  },
  closed,
)
export type LinkView = Static<typeof LinkView>

export const PeerView = Type.Object(
  {
    peer: PeerId,
    /** Null for a peer that the server has not introduced. */
    account: Type.Union([Account, Type.Null()]),
    transport: Type.Union([
      Type.Literal('webrtc'),
      Type.Literal('websocket'),
      Type.Literal('tcp'),
      Type.Literal('relay'),
      Type.Literal('none'),
    ]),
    /** True when bytes go straight to the peer, not through the relay. */
    direct: Type.Boolean(),
    /** Why there is no connection, or only a relayed one; null otherwise. */
    error: Type.Union([WireError, Type.Null()]),
    /** The last round trip, ms; null while it was not measured. */
    rttMs: Type.Union([Milliseconds, Type.Null()]),
    /** When the present connection was opened, ms since the epoch; null for none. */
    since: Type.Union([Milliseconds, Type.Null()]),
    /** How often a connection was tried since the last one. */
    attempts: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  closed,
)
export type PeerView = Static<typeof PeerView>

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Bytes = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Of one core; a process with several busy threads is over 100. */
const Percent = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** What an actor said of itself at its last sample, about once per second. */
export const ActorVitals = Type.Object(
  {
    at: Milliseconds,
    cpuPercent: Percent,
    /** Share of the time in which its event loop was busy, 0 to 1. */
    utilization: Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    /** How late its event loop was at worst, ms. */
    delayMaxMs: Milliseconds,
    heapBytes: Bytes,
    /** Memory outside the heap that V8 knows of. */
    externalBytes: Bytes,
    /** Resident memory of an actor that is a process; null for a thread. */
    residentBytes: Type.Union([Bytes, Type.Null()]),
    /** Calls taken and not yet answered: now, and at most since the sample before. */
    mailbox: Type.Object({ depth: Count, deepest: Count }, closed),
    calls: Count,
    errors: Count,
    /** From arrival to answer, µs. */
    latencyUs: Type.Object({ p50: Bytes, p99: Bytes, max: Bytes }, closed),
    /** Threads that work for it, such as those of a pool. */
    threads: Type.Array(Type.Object({ name: Type.String(), cpuPercent: Percent, heapBytes: Bytes }, closed)),
  },
  closed,
)
export type ActorVitals = Static<typeof ActorVitals>

export const ActorView = Type.Object(
  {
    name: Type.String(),
    /** `host` is the thread that supervises the others. */
    kind: Type.Union([Type.Literal('actor'), Type.Literal('supervisor'), Type.Literal('host')]),
    /** The supervisor it is under; null at the root. */
    parent: Type.Union([Type.String(), Type.Null()]),
    state: Type.Union([
      Type.Literal('starting'),
      Type.Literal('running'),
      Type.Literal('restarting'),
      Type.Literal('stopping'),
      Type.Literal('stopped'),
      Type.Literal('failed'),
    ]),
    /** When it came into this state, ms since the epoch. */
    since: Milliseconds,
    /** Null for what is no actor. */
    isolation: Type.Union([Type.Literal('thread'), Type.Literal('process'), Type.Null()]),
    /** How often it was restarted since it was first started. */
    restarts: Count,
    lastDeath: Type.Union([Type.Object({ at: Milliseconds, reason: Type.String() }, closed), Type.Null()]),
    /** Null until the first sample of its life. */
    vitals: Type.Union([ActorVitals, Type.Null()]),
    /** Messages that it could not deliver or answer. */
    deadLetters: Count,
  },
  closed,
)
export type ActorView = Static<typeof ActorView>

/** Faults that can be injected into one actor by hand. */
export const FaultName = Type.Union([
  Type.Literal('kill'),
  Type.Literal('throw'),
  Type.Literal('reject'),
  Type.Literal('exit'),
  Type.Literal('segfault'),
  Type.Literal('hang'),
  Type.Literal('out-of-memory'),
  Type.Literal('burn'),
  Type.Literal('slow-mailbox'),
  Type.Literal('drop'),
  Type.Literal('delay'),
  Type.Literal('duplicate'),
])
export type FaultName = Static<typeof FaultName>

/** One function in one place of the call tree; see the runtime's `flameOf`. */
export const FlameFrame = Type.Object(
  {
    name: Type.String(),
    /** File and line; empty for V8's own. */
    place: Type.String(),
    /** Time in it and in what it called, ms. */
    ms: Type.Number({ maximum: Number.MAX_SAFE_INTEGER }),
    selfMs: Type.Number({ maximum: Number.MAX_SAFE_INTEGER }),
    /** Its caller's place in the list; -1 for the first frame, the root. Callers come before what they call. */
    parent: Type.Integer({ minimum: -1 }),
  },
  closed,
)
export type FlameFrame = Static<typeof FlameFrame>

/** A thread's share of a profile: the actor's own, or one that works for it. */
export const Flame = Type.Object({ name: Type.String(), frames: Type.Array(FlameFrame) }, closed)
export type Flame = Static<typeof Flame>

/** A message through a mailbox, as the flight recorder kept it: never what it said. */
export const RecordedMessage = Type.Object(
  {
    at: Milliseconds,
    kind: Type.String(),
    caller: Type.String(),
    name: Type.String(),
    id: Count,
    bytes: Bytes,
  },
  closed,
)
export type RecordedMessage = Static<typeof RecordedMessage>

export const RecordingView = Type.Object(
  {
    actor: Type.String(),
    /** Which of its lives. */
    incarnation: Count,
    /** Why that life ended; null while it lasts. */
    death: Type.Union([Type.String(), Type.Null()]),
    /** Oldest first. */
    messages: Type.Array(RecordedMessage),
  },
  closed,
)
export type RecordingView = Static<typeof RecordingView>

export const DeadLettersView = Type.Object(
  {
    /** By reason. */
    counts: Type.Record(Type.String(), Count),
    /** The last ones, newest last. */
    recent: Type.Array(
      Type.Object(
        { at: Milliseconds, actor: Type.String(), message: Type.String(), reason: Type.String() },
        closed,
      ),
    ),
  },
  closed,
)
export type DeadLettersView = Static<typeof DeadLettersView>

const Credentials = Type.Object(
  {
    name: AccountName,
    password: Type.String({ minLength: limits.password.min, maxLength: limits.password.max }),
  },
  closed,
)

const ActorName = Type.Object({ name: Type.String({ maxLength: 64 }) }, closed)

/** What the window may ask for. Every call is answered once, with a result or a `WireError`. */
export const bridgeMethods = {
  'session.get': { params: Nothing, result: SessionView },
  /** Makes an account on the server and an identity on this device. */
  'session.register': { params: Credentials, result: SessionView },
  'session.login': { params: Credentials, result: SessionView },
  'session.logout': { params: Nothing, result: SessionView },
  'channels.list': { params: Nothing, result: Type.Array(ChannelView) },
  'channels.create': {
    params: Type.Object(
      { name: ChannelName, topic: Type.String({ maxLength: limits.channelTopic }) },
      closed,
    ),
    result: ChannelView,
  },
  'channels.join': { params: Type.Object({ channel: ChannelId }, closed), result: ChannelView },
  /** Everything up to `seq` was seen. The marker never goes back. */
  'channels.read': {
    params: Type.Object(
      { channel: ChannelId, seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) },
      closed,
    ),
    result: Nothing,
  },
  /** The first place that was given at `at` (ms since the epoch) or later; null where there is none. */
  'channels.at': {
    params: Type.Object({ channel: ChannelId, at: Milliseconds }, closed),
    result: Type.Object({ seq: Type.Union([Seq, Type.Null()]) }, closed),
  },
  /** Compares a channel's log with the server's and with those of the peers that are connected. */
  'channels.compare': { params: Type.Object({ channel: ChannelId }, closed), result: LogComparison },
  /**
   * The confirmed messages of a channel at `from` to `to`, at most `limits.historyPage`, ascending by seq. Those that
   * are not on this device are left out and fetched first; they come as `messages` events.
   */
  'messages.range': {
    params: Type.Object({ channel: ChannelId, from: Seq, to: Seq }, closed),
    result: Type.Array(MessageView),
  },
  /** Every message of a channel that has no seq yet, by (Lamport, id). */
  'messages.pending': {
    params: Type.Object({ channel: ChannelId }, closed),
    result: Type.Array(MessageView),
  },
  /** What happened to a message so far, in order of stage. */
  'messages.trace': {
    params: Type.Object({ id: MessageId }, closed),
    result: Type.Array(DeliveryStep),
  },
  /** These messages are on the screen for the first time. */
  'messages.shown': {
    params: Type.Object(
      { ids: Type.Array(MessageId, { maxItems: limits.historyPage }), at: Milliseconds },
      closed,
    ),
    result: Nothing,
  },
  /** The window makes the id (UUIDv7): sending again under the same id is the same message. */
  'messages.send': {
    params: Type.Object(
      {
        id: MessageId,
        channel: ChannelId,
        text: Type.String({ minLength: 1, maxLength: limits.messageText }),
      },
      closed,
    ),
    result: MessageView,
  },
  /** Submits a refused message once more. */
  'messages.retry': { params: Type.Object({ id: MessageId }, closed), result: MessageView },
  /** Keys of others that nobody has accepted yet, oldest first. */
  'keys.changes': { params: Nothing, result: Type.Array(KeyChange) },
  /** Whoever owns `account` was asked and uses this key. */
  'keys.accept': {
    params: Type.Object({ account: AccountId, key: Type.String({ maxLength: 64 }) }, closed),
    result: Nothing,
  },
  'link.get': { params: Nothing, result: LinkView },
  /** Ends p2p or link and starts it anew, the other parts untouched. */
  'connection.restart': {
    params: Type.Object({ part: Type.Union([Type.Literal('p2p'), Type.Literal('link')]) }, closed),
    result: Nothing,
  },
  'peers.list': { params: Nothing, result: Type.Array(PeerView) },
  'actors.list': { params: Nothing, result: Type.Array(ActorView) },
  'actors.kill': { params: ActorName, result: Nothing },
  /** Tries an actor again that died too often and was left down. */
  'actors.restart': { params: ActorName, result: Nothing },
  /** Injects a fault; those that last take some seconds. Refused where it would take more down than the actor. */
  'actors.fault': {
    params: Type.Object({ name: Type.String({ maxLength: 64 }), fault: FaultName }, closed),
    result: Nothing,
  },
  /** Profiles one actor (or the host, by its name) for some seconds. */
  'actors.profile': {
    params: Type.Object(
      { name: Type.String({ maxLength: 64 }), seconds: Type.Number({ minimum: 0.1, maximum: 30 }) },
      closed,
    ),
    result: Type.Array(Flame),
  },
  /** The last messages through an actor's mailbox in this life, and in the last one that ended, if any. */
  'actors.recording': { params: ActorName, result: Type.Array(RecordingView) },
  'actors.deadLetters': { params: Nothing, result: DeadLettersView },
} as const
export type BridgeMethod = keyof typeof bridgeMethods
export type BridgeParams<M extends BridgeMethod> = Static<(typeof bridgeMethods)[M]['params']>
export type BridgeResult<M extends BridgeMethod> = Static<(typeof bridgeMethods)[M]['result']>

/** What the window is told without asking. */
export const bridgeEvents = {
  session: SessionView,
  /** The whole list, whenever any of it changed. */
  channels: Type.Array(ChannelView),
  /** Messages are new or changed; the same id replaces what the window holds. */
  messages: Type.Array(MessageView),
  /** The whole list, whenever any of it changed. */
  keyChanges: Type.Array(KeyChange),
  /** The log was opened anew: what the window holds may have missed changes and is to be asked for again. */
  reopened: Nothing,
  link: LinkView,
  peers: Type.Array(PeerView),
  actors: Type.Array(ActorView),
} as const
export type BridgeEvent = keyof typeof bridgeEvents
export type BridgeEventData<E extends BridgeEvent> = Static<(typeof bridgeEvents)[E]>

/** The bridge as the window holds it. Failed calls reject with a `UnitedError` that carries code and message. */
export interface Bridge {
  invoke<M extends BridgeMethod>(method: M, params: BridgeParams<M>): Promise<BridgeResult<M>>
  /** @returns a function that ends the subscription */
  on<E extends BridgeEvent>(event: E, handler: (data: BridgeEventData<E>) => void): () => void
  /** Whether the host behind the bridge answers; a carrier that lost it tries again by itself. */
  onConnection(handler: (connected: boolean) => void): () => void
}

/** What Electron's preload puts on `window.united`. Values cross it as structured clones. */
export interface PreloadBridge {
  invoke(method: BridgeMethod, params: unknown): Promise<BridgeAnswer>
  on(handler: (event: BridgeEvent, data: unknown) => void): void
}

export const BridgeAnswer = Type.Union([
  Type.Object({ ok: Type.Literal(true), result: Type.Unknown() }, closed),
  Type.Object({ ok: Type.Literal(false), error: WireError }, closed),
])
export type BridgeAnswer = Static<typeof BridgeAnswer>

/** Frames of the WebSocket carrier, which runs at `bridgePath` of the page's own origin. */
export const bridgePath = '/bridge'
export const BridgeRequestFrame = Type.Object(
  {
    id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    method: Type.Unsafe<BridgeMethod>(
      Type.Union(Object.keys(bridgeMethods).map((name) => Type.Literal(name))),
    ),
    params: Type.Unknown(),
  },
  closed,
)
export const bridgeRequests = checker('a bridge frame', BridgeRequestFrame)
export const BridgeHostFrame = Type.Union([
  Type.Object(
    { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), answer: BridgeAnswer },
    closed,
  ),
  Type.Object(
    {
      event: Type.Union(Object.keys(bridgeEvents).map((name) => Type.Literal(name))),
      data: Type.Unknown(),
    },
    closed,
  ),
])
export type BridgeHostFrame = { id: number; answer: BridgeAnswer } | { event: BridgeEvent; data: unknown }
export const bridgeHostFrames = checker('a bridge frame', BridgeHostFrame)
