import { WebSocket } from 'ws'
import {
  controlEvents,
  controlProtocol,
  controlRequests,
  httpRoutes,
  serverFrames,
  type ClientFrame,
  type ControlEvent,
  type ControlEventData,
  type ControlMethod,
  type ControlParams,
  type ControlResult,
  type ServerFrame,
  type Welcome,
  type WireError,
} from '../../shared/control.ts'
import { errorMessage } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import { checker, type Checker } from '../../shared/schema.ts'
import { Offline, fromWire } from './errors.ts'

/** The server pings every 15 s; after two missed ones the connection is dead even if nobody has said so. */
const silenceMs = 35_000
/** How often a round trip is measured, ms. */
const pingMs = 10_000
/** How long a server has to answer after this machine has slept, ms. */
const probeMs = 3_000
/** How long a server has to close its end before the socket is cut, ms. */
const lingerMs = 1_000

type EventCheckers = { [E in ControlEvent]: Checker<ControlEventData<E>> }
type ResultCheckers = { [M in ControlMethod]: Checker<ControlResult<M>> }

const eventCheckers = Object.fromEntries(
  Object.entries(controlEvents).map(([event, schema]) => [event, checker(`the event ${event}`, schema)]),
) as unknown as EventCheckers
const resultCheckers = Object.fromEntries(
  Object.entries(controlRequests).map(([method, { result }]) => [
    method,
    checker(`the answer to ${method}`, result),
  ]),
) as unknown as ResultCheckers

export type ControlEventMessage = {
  [E in ControlEvent]: { event: E; data: ControlEventData<E> }
}[ControlEvent]

export interface ControlSocketHandlers {
  welcome(welcome: Welcome): void
  event(message: ControlEventMessage): void
  /** A ping was answered after this many ms. */
  roundTrip(ms: number): void
  /** Once, however it ended; `goodbye` is there when the server said why. */
  closed(reason: string, goodbye: WireError | undefined): void
}

interface Waiting {
  settle(reply: Extract<ServerFrame, { type: 'reply' }>): void
  fail(error: Error): void
}

/** One life of the control socket: from dialling to its end. It is never reused. */
export class ControlSocket {
  readonly #socket: WebSocket
  readonly #server: string
  readonly #handlers: ControlSocketHandlers
  readonly #waiting = new Map<number, Waiting>()
  #nextRequest = 1
  #silence: NodeJS.Timeout | undefined
  #pings: NodeJS.Timeout | undefined
  #pingedAt = 0
  /** What the last ping said, and its answer will. */
  #pinged = ''
  /** Only the answer to the last ping counts. */
  #probed = false
  #linger: NodeJS.Timeout | undefined
  #ended = false
  #goodbye: WireError | undefined

  constructor(server: string, token: string, handlers: ControlSocketHandlers) {
    this.#server = server
    this.#handlers = handlers
    const url = new URL(httpRoutes.control, server)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    this.#socket = new WebSocket(url, {
      maxPayload: limits.controlFrameBytes,
      handshakeTimeout: 10_000,
      perMessageDeflate: false,
    })
    this.#socket.on('open', () => {
      this.#heard()
      this.#send({ type: 'hello', protocol: controlProtocol, token })
    })
    this.#socket.on('ping', () => {
      if (!this.#ended) this.#heard()
    })
    this.#socket.on('pong', (echo: Buffer) => {
      if (this.#ended || echo.toString() !== this.#pinged) return
      this.#probed = false
      this.#heard()
      this.#handlers.roundTrip(performance.now() - this.#pingedAt)
    })
    this.#socket.on('message', (data: Buffer) => this.#receive(data.toString()))
    this.#socket.on('error', (error) => this.#leave(1002, error.message))
    this.#socket.on('close', (code) => {
      clearTimeout(this.#linger)
      this.#end(`closed with ${code}`)
    })
  }

  /** @throws Offline when the socket ends first; the server's refusal; MalformedError */
  async request<M extends ControlMethod>(method: M, params: ControlParams<M>): Promise<ControlResult<M>> {
    if (this.#ended || this.#socket.readyState !== WebSocket.OPEN) throw new Offline(this.#server)
    const id = this.#nextRequest++
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, {
      settle: (reply) => (reply.ok ? resolve(reply.result) : reject(fromWire(reply.error))),
      fail: reject,
    })
    this.#send({ type: 'request', id, method, params })
    return resultCheckers[method].check(await promise)
  }

  /** Whether anybody is still there: without an answer in a moment the socket is over. */
  probe(): void {
    if (this.#ended || this.#socket.readyState !== WebSocket.OPEN) return
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#leave(4408, 'the server did not answer'), probeMs)
    this.#probed = true
    this.#ping()
  }

  close(): void {
    this.#leave(1000, 'it was closed here')
  }

  #send(frame: ClientFrame): void {
    this.#socket.send(JSON.stringify(frame))
  }

  #ping(): void {
    this.#pingedAt = performance.now()
    this.#pinged = String(this.#pingedAt)
    this.#socket.ping(this.#pinged)
  }

  #heard(): void {
    // What was on its way before says nothing of now.
    if (this.#probed) return
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#leave(4408, 'the server fell silent'), silenceMs)
  }

  #receive(text: string): void {
    if (this.#ended) return
    this.#heard()
    try {
      this.#handle(serverFrames.check(JSON.parse(text)))
    } catch (error) {
      // A server that breaks the protocol cannot be trusted to mean what it says next.
      this.#leave(4400, errorMessage(error))
    }
  }

  #handle(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.#ping()
        this.#pings ??= setInterval(() => this.#ping(), pingMs)
        return this.#handlers.welcome(frame)
      case 'reply': {
        const waiting = this.#waiting.get(frame.id)
        this.#waiting.delete(frame.id)
        return waiting?.settle(frame)
      }
      case 'event': {
        const data = eventCheckers[frame.event].check(frame.data)
        return this.#handlers.event({ event: frame.event, data } as ControlEventMessage)
      }
      case 'goodbye':
        this.#goodbye = frame.error
    }
  }

  /** Over from here on; the server is not waited for, which may never close its end. */
  #leave(code: number, reason: string): void {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    this.#socket.close(code)
    this.#linger ??= setTimeout(() => this.#socket.terminate(), lingerMs)
    this.#end(reason)
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#silence)
    clearInterval(this.#pings)
    const offline = new Offline(this.#server, { cause: new Error(reason) })
    for (const waiting of this.#waiting.values()) waiting.fail(offline)
    this.#waiting.clear()
    this.#handlers.closed(reason, this.#goodbye)
  }
}
