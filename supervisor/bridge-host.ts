import { EventEmitter } from 'node:events'
import type { ActorDesk } from './actor-desk.ts'
import { askAgain, type ActorRef, type Supervisor } from './runtime/index.ts'
import {
  bridgeMethods,
  type BridgeAnswer,
  type BridgeEvent,
  type BridgeEventData,
  type BridgeMethod,
  type BridgeParams,
  type BridgeResult,
  type PeerView,
} from '../shared/bridge.ts'
import type { WireError } from '../shared/control.ts'
import { UnitedError, errorCode, errorMessage } from '../shared/errors.ts'
import { MalformedError, checker, type Checker } from '../shared/schema.ts'
import { chatContract } from '../actors/chat/contract.ts'
import { linkContract } from '../actors/link/contract.ts'
import { p2pContract, type PeerConnection } from '../actors/p2p/contract.ts'
import type { Session } from './session.ts'

type Handlers = { [M in BridgeMethod]: (params: BridgeParams<M>) => Promise<BridgeResult<M>> }

const params = Object.fromEntries(
  Object.entries(bridgeMethods).map(([method, schema]) => [method, checker('the request', schema.params)]),
) as unknown as { [M in BridgeMethod]: Checker<BridgeParams<M>> }

/** The supervisor's end of the bridge, whatever carries it: checks what comes in, answers it, tells what happens. */
export class BridgeHost {
  readonly #supervisor: Supervisor
  readonly #session: Session
  readonly #desk: ActorDesk
  readonly #chat: ActorRef<typeof chatContract>
  readonly #link: ActorRef<typeof linkContract>
  readonly #p2p: ActorRef<typeof p2pContract>
  readonly #events = new EventEmitter<{ event: [BridgeEvent, unknown] }>()
  #connections: PeerConnection[] = []

  constructor(supervisor: Supervisor, session: Session, desk: ActorDesk) {
    this.#supervisor = supervisor
    this.#session = session
    this.#desk = desk
    this.#chat = supervisor.ref(chatContract)
    this.#link = supervisor.ref(linkContract)
    this.#p2p = supervisor.ref(p2pContract)
    this.#events.setMaxListeners(0)
    this.#forward()
  }

  /** Answers one request. Never rejects: a failure is an answer. */
  async invoke(method: BridgeMethod, given: unknown): Promise<BridgeAnswer> {
    try {
      return { ok: true, result: await this.#answer(method, given) }
    } catch (error) {
      return { ok: false, error: toWireError(error) }
    }
  }

  /** @returns the end of the subscription */
  subscribe(handler: (event: BridgeEvent, data: unknown) => void): () => void {
    this.#events.on('event', handler)
    return () => this.#events.off('event', handler)
  }

  #answer<M extends BridgeMethod>(method: M, given: unknown): Promise<BridgeResult<M>> {
    if (!Object.hasOwn(params, method)) throw new MalformedError('the request', 'its method is unknown')
    return this.#handlers[method](params[method].check(given))
  }

  readonly #handlers: Handlers = {
    'session.get': () => this.#session.view(),
    'session.register': async ({ name, password }) => {
      await this.#session.register(name, password)
      return this.#session.view()
    },
    'session.login': async ({ name, password }) => {
      await this.#session.login(name, password)
      return this.#session.view()
    },
    'session.logout': async () => {
      await this.#session.logout()
      return this.#session.view()
    },
    'channels.list': () => this.#signedIn(() => this.#chat.call.channels()),
    'channels.create': (channel) => this.#signedIn(() => this.#chat.call.createChannel(channel)),
    'channels.join': ({ channel }) => this.#signedIn(() => this.#chat.call.joinChannel(channel)),
    'channels.read': async (params) => {
      await this.#signedIn(() => this.#chat.call.read(params))
      return {}
    },
    'channels.at': (params) => this.#signedIn(() => this.#chat.call.at(params)),
    'channels.compare': ({ channel }) => this.#signedIn(() => this.#chat.call.compare(channel)),
    'messages.range': (params) => this.#signedIn(() => this.#chat.call.range(params)),
    'messages.pending': ({ channel }) => this.#signedIn(() => this.#chat.call.pending(channel)),
    'messages.trace': ({ id }) => this.#signedIn(() => this.#chat.call.trace(id)),
    'messages.shown': async (params) => {
      await this.#signedIn(() => this.#chat.call.shown(params))
      return {}
    },
    'keys.changes': () => this.#signedIn(() => this.#chat.call.keyChanges()),
    'keys.accept': async (params) => {
      await this.#signedIn(() => this.#chat.call.acceptKey(params))
      return {}
    },
    'messages.send': (message) => this.#signedIn(() => this.#chat.call.send(message)),
    'messages.retry': ({ id }) => this.#signedIn(() => this.#chat.call.retry(id)),
    'link.get': () => this.#link.call.state(),
    'connection.restart': async ({ part }) => {
      this.#desk.kill(part, fromDoctor)
      return {}
    },
    'peers.list': () => this.#signedIn(() => this.#peers()),
    'actors.list': async () => this.#desk.list(),
    'actors.kill': async ({ name }) => {
      this.#desk.kill(name, byHand)
      return {}
    },
    'actors.restart': async ({ name }) => {
      this.#desk.restart(name)
      return {}
    },
    'actors.fault': async ({ name, fault }) => {
      this.#desk.inflict(name, fault, byHand)
      return {}
    },
    'actors.profile': ({ name, seconds }) => this.#desk.flames(name, seconds),
    'actors.recording': async ({ name }) => this.#desk.recordings(name),
    'actors.deadLetters': async () => this.#desk.deadLetters(),
  }

  #forward(): void {
    this.#chat.on('channels', (channels) => this.#tell('channels', channels))
    this.#chat.on('messages', (messages) => this.#tell('messages', messages))
    this.#chat.on('keyChanges', (changes) => this.#tell('keyChanges', changes))
    this.#chat.onUp(() => this.#tell('reopened', {}))
    this.#link.on('state', (state) => this.#tell('link', state))
    this.#link.on('peers', () => void this.#tellPeers())
    this.#link.on('welcome', () => void this.#tellPeers())
    this.#p2p.on('connections', (connections) => {
      this.#connections = connections
      void this.#tellPeers()
    })
    this.#supervisor.on('change', ({ name, state }) => {
      if (name === 'p2p' && state !== 'running') this.#connections = []
      this.#tell('actors', this.#desk.list())
    })
    this.#session.on('change', () => void this.#tellSession())
  }

  #tell<E extends BridgeEvent>(event: E, data: BridgeEventData<E>): void {
    this.#events.emit('event', event, data)
  }

  async #tellSession(): Promise<void> {
    await this.#unlessDown(async () => this.#tell('session', await this.#session.view()))
  }

  async #tellPeers(): Promise<void> {
    await this.#unlessDown(async () => this.#tell('peers', await this.#peers()))
  }

  /** An event that cannot be made because an actor is down is made again when the actor is back and says so. */
  async #unlessDown(tell: () => Promise<void>): Promise<void> {
    try {
      await askAgain(tell)
    } catch (error) {
      if (!away.has(errorCode(error) ?? '')) throw error
    }
  }

  async #signedIn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#session.signedIn) throw new UnitedError('signed-out', 'Nobody is signed in.')
    return work()
  }

  async #peers(): Promise<PeerView[]> {
    const snapshot = await this.#link.call.snapshot()
    const accounts = new Map(snapshot?.peers.map(({ peer, account, name }) => [peer, { id: account, name }]))
    return this.#connections.map(({ error, ...connection }) => ({
      ...connection,
      account: accounts.get(connection.peer) ?? null,
      error: error === null ? null : { code: 'unreachable', message: error },
    }))
  }
}

/** Codes of an actor that could not answer now. */
const away = new Set(['actor-down', 'deadline'])

const byHand = 'from the actor panel'
const fromDoctor = 'from the connection doctor'

/** `WireError` has no room for more, in characters. */
const longestMessage = 1024

function toWireError(error: unknown): WireError {
  const known = innermostKnown(error)
  const code = errorCode(known)
  if (code !== undefined) return { code, message: errorMessage(known).slice(0, longestMessage) }
  console.error(error)
  return { code: 'internal', message: 'Something went wrong inside UNITED. Nothing was lost; try again.' }
}

/** An actor that did not start says little; what stopped it says what to do. */
function innermostKnown(error: unknown): unknown {
  if (errorCode(error) !== 'actor-start-failed' || !(error instanceof Error)) return error
  return errorCode(error.cause) === undefined ? error : error.cause
}
