import type { Account } from '../../../shared/account.ts'
import type { AccessGrant, DirectoryEntry, LoginGrant } from '../../../shared/control.ts'
import { defineContract } from '../../../supervisor/runtime/actor-side.ts'

/** Who signs in, by which secret, on which device. Keys and secrets are 32 bytes in base64. */
export interface Credentials {
  name: string
  /** Derived from the password on the client. */
  secret: string
  /** The Ed25519 public key of the device. */
  key: string
}

/**
 * Accounts, device keys, passwords and tokens. Sole owner of `auth.db` and of the key that signs tokens.
 * Everything here is safe to send again: at worst a session more is opened, which expires by itself.
 */
export interface AuthApi {
  /** The id of this server: made at its first start and never changed. */
  serverId(): Promise<string>
  /**
   * Makes an account and opens a session. The same name, key and secret once more (a reply got lost) is the same
   * registration. Takes tens of milliseconds: the password is hashed.
   * @throws NameTaken, KeyInUse, DiskFull
   */
  register(credentials: Credentials): Promise<LoginGrant>
  /**
   * Opens a session and adds the device's key to the account.
   * @throws WrongPassword, also for a name that nobody has, and as slowly; KeyInUse, DiskFull
   */
  login(credentials: Credentials): Promise<LoginGrant>
  /** A new access token. @throws SessionExpired */
  refresh(refreshToken: string): Promise<AccessGrant>
  /** Whose token this is. @throws TokenExpired, TokenInvalid */
  verifyToken(accessToken: string): Promise<Account>
  /** The accounts among `ids` that exist, with their keys; in no particular order. */
  lookup(ids: readonly string[]): Promise<DirectoryEntry[]>
}

export interface AuthInit {
  /** Path of the database. */
  path: string
  /** Life of an access token, ms; whole seconds. */
  accessTokenMs: number
  /** Life of a session, ms. */
  refreshTokenMs: number
}

export const auth = defineContract<AuthApi, object, AuthInit>({
  name: 'auth',
  idempotent: ['serverId', 'register', 'login', 'refresh', 'verifyToken', 'lookup'],
  // Argon2 runs four at a time; a burst of sign-ins waits.
  deadlines: { register: 20_000, login: 20_000 },
  mailbox: { messages: 512 },
})
