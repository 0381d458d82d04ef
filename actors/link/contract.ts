import type {
  AccessGrant,
  ControlEventData,
  ControlParams,
  ControlResult,
  DirectoryEntry,
  Health,
  LoginGrant,
  Welcome,
  WireError,
} from '../../shared/control.ts'
import type { LinkView } from '../../shared/bridge.ts'
import { defineContract } from '../../supervisor/runtime/actor-side.ts'

/** What opens a control socket. Without an access token, the refresh token buys one. */
export interface LinkSession {
  refreshToken: string
  access?: AccessGrant
}

export interface Credentials {
  name: string
  /** Base64, derived from the password by crypto. */
  secret: string
  /** Base64 of this device's public key. */
  key: string
}

/**
 * Every method that needs the server throws `offline` while it cannot be reached, and otherwise what the server
 * answered (`WireError`s, with their code).
 */
export interface LinkApi {
  /** Who answers at the server's address. Idempotent. @throws offline, not-united, protocol */
  health(): Promise<Health>
  /** Idempotent: the server answers a repeat of the same registration with a grant. @throws name-taken */
  register(credentials: Credentials): Promise<LoginGrant>
  /** Idempotent. @throws wrong-password */
  login(credentials: Credentials): Promise<LoginGrant>
  /** Opens the control socket and keeps it open, through every loss, until `disconnect`. Idempotent. */
  connect(session: LinkSession): Promise<void>
  /** Idempotent. */
  disconnect(): Promise<void>
  /** Idempotent. */
  state(): Promise<LinkView>
  /** What the server said on connecting, kept up to date since; null before the first time. Idempotent. */
  snapshot(): Promise<Welcome | null>
  /** @throws channel-exists */
  createChannel(params: ControlParams<'channel.create'>): Promise<ControlResult<'channel.create'>>
  /** Idempotent. */
  joinChannel(params: ControlParams<'channel.join'>): Promise<ControlResult<'channel.join'>>
  /** Idempotent by the id of the envelope. */
  submit(envelope: Uint8Array): Promise<ControlResult<'message.submit'>>
  /** Idempotent. */
  history(params: ControlParams<'message.history'>): Promise<ControlResult<'message.history'>>
  /** Idempotent. */
  digests(params: ControlParams<'log.digests'>): Promise<ControlResult<'log.digests'>>
  /** Idempotent. */
  at(params: ControlParams<'log.at'>): Promise<ControlResult<'log.at'>>
  /** Idempotent. */
  lookup(params: ControlParams<'directory.lookup'>): Promise<DirectoryEntry[]>
  /** By which peer id this device gossips; said again after every reconnect. Idempotent. */
  announce(peer: string): Promise<void>
}

export interface LinkEvents {
  state: LinkView
  /** The socket is open and the server has said where things stand. */
  welcome: Welcome
  channel: ControlEventData<'channel'>
  confirmed: ControlEventData<'confirmed'>
  heads: ControlEventData<'heads'>
  peers: ControlEventData<'peers'>
  relays: ControlEventData<'relays'>
  /** The server does not take this session any more; somebody has to log in. */
  ended: WireError
}

export interface LinkInit {
  /** Address of the coordination server, `http:` or `https:`. */
  server: string
  /** While someone is signed in: the socket is opened at start. */
  session: LinkSession | undefined
}

export const linkContract = defineContract<LinkApi, LinkEvents, LinkInit>({
  name: 'link',
  idempotent: [
    'health',
    'register',
    'login',
    'connect',
    'disconnect',
    'state',
    'snapshot',
    'joinChannel',
    'submit',
    'history',
    'digests',
    'at',
    'lookup',
    'announce',
  ],
  deadlineMs: 15_000,
})
