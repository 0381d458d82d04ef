import { setTimeout as sleep } from 'node:timers/promises'
import type { LinkView } from '../../shared/bridge.ts'
import type {
  AccessGrant,
  ControlMethod,
  ControlParams,
  ControlResult,
  Welcome,
  WireError,
} from '../../shared/control.ts'
import { UnitedError, errorCode } from '../../shared/errors.ts'
import { backoffMs } from '../../supervisor/runtime/retries.ts'
import type { AccountRequests } from './account-requests.ts'
import type { LinkEvents, LinkSession } from './contract.ts'
import { ControlSocket, type ControlEventMessage } from './control-socket.ts'
import { Offline } from './errors.ts'

const reconnect = { firstMs: 250, maxMs: 15_000 }
/** A socket that was open this long, ms, is opened again at once; one that ends sooner is waited for. */
const calmMs = 2_000
/** An access token with less than this left is renewed before it is used, ms. */
const renewBeforeMs = 30_000
/** The codes with which a server ends a session for good. */
const sessionOver = new Set(['session-expired', 'token-invalid'])

type Emit = <E extends keyof LinkEvents>(event: E, data: LinkEvents[E]) => void

/** Keeps one control socket open for as long as somebody is signed in. */
export class ServerLink {
  readonly #server: string
  readonly #requests: AccountRequests
  readonly #emit: Emit
  #view: LinkView = {
    ...{ state: 'offline', since: Date.now(), error: null, retryAt: null },
    ...{ rttMs: null, lastError: null },
  }
  #snapshot: Welcome | null = null
  #socket: ControlSocket | undefined
  #peer: string | undefined
  #run: AbortController | undefined
  /** Ends the wait for the next attempt. */
  #waiting: AbortController | undefined

  constructor(server: string, requests: AccountRequests, emit: Emit) {
    this.#server = server
    this.#requests = requests
    this.#emit = emit
  }

  get view(): LinkView {
    return this.#view
  }

  get snapshot(): Welcome | null {
    return this.#snapshot
  }

  connect(session: LinkSession): void {
    this.disconnect()
    const run = new AbortController()
    this.#run = run
    void this.#keepOpen(session, run.signal)
  }

  disconnect(): void {
    this.#run?.abort()
    this.#run = undefined
    this.#socket?.close()
    this.#snapshot = null
    this.#peer = undefined
    this.#enter('offline', null, null)
  }

  /** @throws Offline */
  async request<M extends ControlMethod>(method: M, params: ControlParams<M>): Promise<ControlResult<M>> {
    if (this.#view.state !== 'online' || !this.#socket) throw new Offline(this.#server)
    return this.#socket.request(method, params)
  }

  async announce(peer: string): Promise<void> {
    this.#peer = peer
    if (this.#view.state === 'online') await this.request('peer.announce', { peer })
  }

  async #keepOpen(session: LinkSession, signal: AbortSignal): Promise<void> {
    let access = session.access
    for (let attempt = 0; !signal.aborted; attempt++) {
      const waitMs = backoffMs(reconnect, attempt, Math.random)
      if (waitMs > 0) {
        this.#enter('offline', this.#view.error, Date.now() + waitMs)
        await this.#wait(waitMs, signal)
        if (signal.aborted) return
      }
      this.#enter('connecting', this.#view.error, null)
      try {
        access = await this.#freshAccess(session, access)
        if (signal.aborted) return
        const { goodbye, onlineMs, reason } = await this.#oneSocket(access.accessToken, signal)
        if (signal.aborted) return
        if (onlineMs > calmMs) attempt = -1
        if (goodbye?.code === 'token-expired') access = undefined
        else if (goodbye) throw new UnitedError(goodbye.code, goodbye.message)
        else throw new Offline(this.#server, { cause: new Error(reason) })
      } catch (error) {
        if (signal.aborted) return
        const known = asWireError(error, this.#server)
        this.#enter('offline', known, null)
        if (sessionOver.has(known.code)) {
          this.#emit('ended', known)
          return
        }
      }
    }
  }

  /** The machine has slept: what looked open may have been given up by the other side, and nobody need wait longer. */
  wake(): void {
    this.#waiting?.abort()
    this.#socket?.probe()
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController()
    this.#waiting = waiting
    try {
      await sleep(ms, undefined, { signal: AbortSignal.any([signal, waiting.signal]) })
    } catch (error) {
      if (!signal.aborted && !waiting.signal.aborted) throw error
    }
  }

  async #freshAccess(session: LinkSession, access: AccessGrant | undefined): Promise<AccessGrant> {
    if (access && access.expiresAt - Date.now() > renewBeforeMs) return access
    return this.#requests.refresh(session.refreshToken)
  }

  /** Resolves when the socket has ended. */
  #oneSocket(
    token: string,
    signal: AbortSignal,
  ): Promise<{ goodbye: WireError | undefined; onlineMs: number; reason: string }> {
    return new Promise((resolve) => {
      let onlineAt: number | undefined
      const socket = new ControlSocket(this.#server, token, {
        welcome: (welcome) => {
          if (signal.aborted) return
          onlineAt ??= performance.now()
          this.#snapshot = welcome
          this.#enter('online', null, null)
          this.#emit('welcome', welcome)
          if (this.#peer) void this.#announceAgain(this.#peer)
        },
        event: (message) => {
          if (!signal.aborted) this.#event(message)
        },
        roundTrip: (ms) => {
          if (!signal.aborted) this.#tell({ ...this.#view, rttMs: ms })
        },
        closed: (reason, goodbye) => {
          const onlineMs = onlineAt === undefined ? 0 : performance.now() - onlineAt
          resolve({ goodbye, onlineMs, reason })
        },
      })
      this.#socket = socket
      signal.addEventListener('abort', () => socket.close(), { once: true })
    })
  }

  async #announceAgain(peer: string): Promise<void> {
    try {
      await this.request('peer.announce', { peer })
    } catch (error) {
      // The socket ended meanwhile: the next welcome announces again.
      if (errorCode(error) !== 'offline') throw error
    }
  }

  #event(message: ControlEventMessage): void {
    const snapshot = this.#snapshot
    if (!snapshot) return
    switch (message.event) {
      case 'channel': {
        const others = snapshot.channels.filter(({ id }) => id !== message.data.id)
        this.#snapshot = { ...snapshot, channels: [...others, message.data] }
        return this.#emit('channel', message.data)
      }
      case 'peers':
        this.#snapshot = { ...snapshot, peers: message.data }
        return this.#emit('peers', message.data)
      case 'relays':
        this.#snapshot = { ...snapshot, relays: message.data }
        return this.#emit('relays', message.data)
      case 'heads':
        for (const { channel, head } of message.data) this.#raiseHead(channel, head)
        return this.#emit('heads', message.data)
      case 'confirmed':
        for (const { channel, seq } of message.data) this.#raiseHead(channel, seq)
        return this.#emit('confirmed', message.data)
    }
  }

  /** Whoever asks for the snapshot after missing events learns from it how far the channels are. */
  #raiseHead(id: string, head: number): void {
    const snapshot = this.#snapshot
    if (!snapshot) return
    const channels = snapshot.channels.map((channel) =>
      channel.id === id && channel.head < head ? { ...channel, head } : channel,
    )
    this.#snapshot = { ...snapshot, channels }
  }

  #enter(state: LinkView['state'], error: WireError | null, retryAt: number | null): void {
    const since = state === this.#view.state ? this.#view.since : Date.now()
    const lastError = error && state === 'offline' ? { at: Date.now(), error } : this.#view.lastError
    const rttMs = state === 'online' ? this.#view.rttMs : null
    this.#tell({ state, since, error, retryAt, rttMs, lastError })
  }

  #tell(view: LinkView): void {
    this.#view = view
    this.#emit('state', view)
  }
}

function asWireError(error: unknown, server: string): WireError {
  if (error instanceof UnitedError) return { code: error.code, message: error.message }
  const offline = new Offline(server)
  return { code: offline.code, message: offline.message }
}
