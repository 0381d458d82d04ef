import Type, { type Static, type TSchema } from 'typebox'
import { Account, AccountName } from './account.ts'
import { Channel, ChannelName } from './channel.ts'
import { AccountId, ChannelId, MessageId, PeerId, ServerId } from './ids.ts'
import { limits } from './limits.ts'
import { checker } from './schema.ts'

/** Version of everything in this file. A server answers `hello` with another version by closing with `protocol`. */
export const controlProtocol = 2

const closed = { additionalProperties: false } as const
const Base64 = (maxBytes: number) =>
  Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', maxLength: Math.ceil(maxBytes / 3) * 4 })
const Key = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })
const Multiaddr = Type.String({ pattern: '^/', maxLength: 512 })
const ServerSeq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** A seq, or 0 for before the first. */
const ServerHead = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Timestamp = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** What people and programs are told of a failure; the stack stays where it happened. */
export const WireError = Type.Object(
  {
    code: Type.String({ maxLength: 64 }),
    message: Type.String({ maxLength: 1024 }),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
)
export type WireError = Static<typeof WireError>

/** HTTP bodies. `secret` is derived from the password on the client; the server never sees the password. */
export const RegisterBody = Type.Object({ name: AccountName, secret: Key, key: Key }, closed)
export const LoginBody = RegisterBody
export const RefreshBody = Type.Object({ refreshToken: Key }, closed)
export const AccessGrant = Type.Object(
  {
    /** JWT for the control socket. */
    accessToken: Type.String({ maxLength: 2048 }),
    /** When the access token ends, ms since the epoch by the server's clock. */
    expiresAt: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  closed,
)
export type AccessGrant = Static<typeof AccessGrant>
export const LoginGrant = Type.Object(
  { account: Account, refreshToken: Key, ...AccessGrant.properties },
  closed,
)
export type LoginGrant = Static<typeof LoginGrant>
export const Health = Type.Object(
  {
    name: Type.Literal('united'),
    protocol: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    server: ServerId,
  },
  closed,
)
export type Health = Static<typeof Health>

export const httpRoutes = {
  health: '/v1/health',
  register: '/v1/register',
  login: '/v1/login',
  refresh: '/v1/refresh',
  control: '/v1/control',
} as const

/** A message in the server's order. */
export const Sequenced = Type.Object(
  {
    channel: ChannelId,
    seq: ServerSeq,
    envelope: Base64(limits.envelopeBytes),
    /** Of the channel's log up to and with this message: see `log-digest.ts`. */
    digest: Key,
    /** When it got its place, ms since the epoch by the server's clock. */
    at: Timestamp,
  },
  closed,
)
export type Sequenced = Static<typeof Sequenced>

/** An account with every device key that may sign for it. */
export const DirectoryEntry = Type.Object({ ...Account.properties, keys: Type.Array(Key) }, closed)
export type DirectoryEntry = Static<typeof DirectoryEntry>

/** Somebody who shares a channel with us and is reachable now. */
export const OnlinePeer = Type.Object(
  {
    account: AccountId,
    name: AccountName,
    peer: PeerId,
    /** Those that we share. */
    channels: Type.Array(ChannelId),
  },
  closed,
)
export type OnlinePeer = Static<typeof OnlinePeer>

const Head = Type.Object({ channel: ChannelId, head: ServerHead }, closed)

/** Requests that a client makes over the control socket. Each is answered by one reply with the same id. */
export const controlRequests = {
  'channel.create': {
    params: Type.Object(
      { name: ChannelName, topic: Type.String({ maxLength: limits.channelTopic }) },
      closed,
    ),
    result: Channel,
  },
  'channel.join': { params: Type.Object({ channel: ChannelId }, closed), result: Channel },
  'message.submit': {
    params: Type.Object({ envelope: Base64(limits.envelopeBytes) }, closed),
    result: Type.Object(
      { channel: ChannelId, id: MessageId, seq: ServerSeq, digest: Key, at: Timestamp },
      closed,
    ),
  },
  /**
   * Messages with a seq above `after` and below `before`, ascending; the last of them where `newest` is true, else the
   * first. Fewer than `limit` where the frame would grow too large.
   */
  'message.history': {
    params: Type.Object(
      {
        channel: ChannelId,
        after: ServerHead,
        before: Type.Optional(ServerSeq),
        newest: Type.Optional(Type.Boolean()),
        limit: Type.Integer({ minimum: 1, maximum: limits.historyPage }),
      },
      closed,
    ),
    result: Type.Object({ messages: Type.Array(Sequenced), head: ServerHead }, closed),
  },
  /** The digests of a channel's log at some places; places that it does not reach are left out. */
  'log.digests': {
    params: Type.Object(
      { channel: ChannelId, seqs: Type.Array(ServerSeq, { minItems: 1, maxItems: limits.digestsAtOnce }) },
      closed,
    ),
    result: Type.Array(Type.Object({ seq: ServerSeq, digest: Key }, closed)),
  },
  /** The first message that got its place at `at` or later, by the server's clock; null where there is none. */
  'log.at': {
    params: Type.Object({ channel: ChannelId, at: Timestamp }, closed),
    result: Type.Object({ seq: Type.Union([ServerSeq, Type.Null()]) }, closed),
  },
  'directory.lookup': {
    params: Type.Object({ accounts: Type.Array(AccountId, { maxItems: 100 }) }, closed),
    result: Type.Array(DirectoryEntry),
  },
  /** Tells the server by which peer id this client gossips from now on. */
  'peer.announce': {
    params: Type.Object({ peer: PeerId }, closed),
    result: Type.Object({}, closed),
  },
} as const
export type ControlMethod = keyof typeof controlRequests
export type ControlParams<M extends ControlMethod> = Static<(typeof controlRequests)[M]['params']>
export type ControlResult<M extends ControlMethod> = Static<(typeof controlRequests)[M]['result']>

/** Events that the server pushes. */
export const controlEvents = {
  /** A channel is new, or something about it changed. */
  channel: Channel,
  /** Messages of one channel have their places: ascending by seq. */
  confirmed: Type.Array(Sequenced, { minItems: 1 }),
  /** Where channels end of which this client may have missed something: the server lost track, or the client lagged. */
  heads: Type.Array(Head),
  /**
   * More waits for this client than it reads: nothing more is pushed to it until it has read that, then it is told the
   * latest of each state and the `heads` of what it missed. If it takes none of it for `dropAfterMs` it is let go.
   */
  lagging: Type.Object(
    {
      bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      dropAfterMs: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    },
    closed,
  ),
  /** Everyone online who shares a channel with this client, whole list each time. */
  peers: Type.Array(OnlinePeer),
  /** Where the relay listens now. */
  relays: Type.Array(Multiaddr),
} as const
export type ControlEvent = keyof typeof controlEvents
export type ControlEventData<E extends ControlEvent> = Static<(typeof controlEvents)[E]>

export const Welcome = Type.Object(
  {
    type: Type.Literal('welcome'),
    account: Account,
    server: ServerId,
    relays: Type.Array(Multiaddr),
    channels: Type.Array(Channel),
    peers: Type.Array(OnlinePeer),
  },
  closed,
)
export type Welcome = Static<typeof Welcome>

const RequestId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

function keysOf<T extends Record<string, TSchema | object>>(table: T): (keyof T & string)[] {
  return Object.keys(table)
}

export const ClientFrame = Type.Union([
  Type.Object(
    {
      type: Type.Literal('hello'),
      protocol: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      token: Type.String({ maxLength: 2048 }),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('request'),
      id: RequestId,
      method: Type.Union(keysOf(controlRequests).map((method) => Type.Literal(method))),
      params: Type.Unknown(),
    },
    closed,
  ),
])
export type ClientFrame =
  | { type: 'hello'; protocol: number; token: string }
  | { type: 'request'; id: number; method: ControlMethod; params: unknown }

export const ServerFrame = Type.Union([
  Welcome,
  Type.Object(
    { type: Type.Literal('reply'), id: RequestId, ok: Type.Literal(true), result: Type.Unknown() },
    closed,
  ),
  Type.Object(
    { type: Type.Literal('reply'), id: RequestId, ok: Type.Literal(false), error: WireError },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('event'),
      event: Type.Union(keysOf(controlEvents).map((event) => Type.Literal(event))),
      data: Type.Unknown(),
    },
    closed,
  ),
  /** The server's last words on a socket that it closes. */
  Type.Object({ type: Type.Literal('goodbye'), error: WireError }, closed),
])
export type ServerFrame =
  | Welcome
  | { type: 'reply'; id: number; ok: true; result: unknown }
  | { type: 'reply'; id: number; ok: false; error: WireError }
  | { type: 'event'; event: ControlEvent; data: unknown }
  | { type: 'goodbye'; error: WireError }

export const clientFrames = checker('a control frame', ClientFrame)
export const serverFrames = checker('a control frame', ServerFrame)
