import { EventEmitter } from 'node:events'
import type { Account } from '../shared/account.ts'
import type { SessionView } from '../shared/bridge.ts'
import type { LoginGrant, WireError } from '../shared/control.ts'
import { UnitedError } from '../shared/errors.ts'
import { cryptoContract, type Opened } from '../actors/crypto/contract.ts'
import { linkContract, type Credentials, type LinkSession } from '../actors/link/contract.ts'
import type { ActorRef, Supervisor } from './runtime/index.ts'
import { accountName, accountSupervisor } from './desktop-tree.ts'

/** All that a restarted actor needs to go on for the one who is signed in. It is held in memory only. */
export interface SignedIn {
  account: Account
  publicKey: Uint8Array
  serverId: string
  resume: Uint8Array
  link: LinkSession
}

export interface SessionInit {
  supervisor: Supervisor
  profile: string
  profileFolder: string
  server: string
  /** Whether people of the same server are looked for on this network. */
  lan: boolean
}

/** Who is signed in, and the actors that run for them. */
export class Session extends EventEmitter<{ change: [] }> {
  readonly #init: SessionInit
  readonly #crypto: ActorRef<typeof cryptoContract>
  readonly #link: ActorRef<typeof linkContract>
  #signedIn: SignedIn | undefined
  #busy = false
  #ended: WireError | null = null

  constructor(init: SessionInit) {
    super()
    this.#init = init
    this.#crypto = init.supervisor.ref(cryptoContract)
    this.#link = init.supervisor.ref(linkContract)
    this.#link.on('ended', (reason) => void this.#end(reason))
  }

  get signedIn(): SignedIn | undefined {
    return this.#signedIn
  }

  async view(): Promise<SessionView> {
    const { profile, server } = this.#init
    // Asked first: two of these may be answered out of order, and the rest has to be true when it is told.
    const knownNames = await this.#crypto.call.identities()
    return {
      phase: this.#busy ? 'signing-in' : this.#signedIn ? 'signed-in' : 'signed-out',
      account: this.#busy ? null : (this.#signedIn?.account ?? null),
      server,
      profile,
      knownNames,
      ended: this.#ended,
    }
  }

  /** @throws whatever crypto, link or the server refuse it with; then nobody is signed in */
  register(name: string, password: string): Promise<void> {
    return this.#signIn(name, password, (credentials) => this.#link.call.register(credentials))
  }

  /** As `register`. */
  login(name: string, password: string): Promise<void> {
    return this.#signIn(name, password, (credentials) => this.#link.call.login(credentials))
  }

  async logout(): Promise<void> {
    await this.#end(null)
  }

  async #signIn(
    name: string,
    password: string,
    ask: (credentials: Credentials) => Promise<LoginGrant>,
  ): Promise<void> {
    if (this.#busy || this.#signedIn)
      throw new UnitedError('busy', 'Somebody is signed in already. Log out first.')
    this.#busy = true
    this.#ended = null
    this.emit('change')
    try {
      const { server } = await this.#link.call.health()
      const opened = await this.#crypto.call.open({ server, name, password })
      const key = Buffer.from(opened.publicKey).toString('base64')
      const grant = await ask({ name, secret: opened.accountSecret, key })
      await this.#crypto.call.keep()
      await this.#begin(server, opened, grant)
    } catch (error) {
      await this.#end(null)
      throw error
    } finally {
      this.#busy = false
      this.emit('change')
    }
  }

  async #begin(serverId: string, opened: Opened, grant: LoginGrant): Promise<void> {
    const { account, refreshToken, accessToken, expiresAt } = grant
    const { publicKey, resume } = opened
    const link: LinkSession = { refreshToken, access: { accessToken, expiresAt } }
    const signedIn: SignedIn = { account, publicKey, serverId, resume, link }
    this.#signedIn = signedIn
    await this.#link.call.connect(link)
    const { supervisor, profileFolder, lan } = this.#init
    await supervisor.start([accountSupervisor(profileFolder, signedIn, lan)])
  }

  async #end(reason: WireError | null): Promise<void> {
    this.#ended = reason
    this.#signedIn = undefined
    await this.#init.supervisor.remove([accountName])
    await this.#link.call.disconnect()
    await this.#crypto.call.lock()
    this.emit('change')
  }
}
