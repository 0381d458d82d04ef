import type { RawData, WebSocket } from 'ws'
import {
  clientFrames,
  controlProtocol,
  type ControlEvent,
  type ControlEventData,
  type ServerFrame,
  type Welcome,
  type WireError,
} from '../../shared/control.ts'
import { UnitedError, errorCode, errorMessage } from '../../shared/errors.ts'
import { MalformedError } from '../../shared/schema.ts'
import { TooManyRequests } from '../errors.ts'
import { closeCodes } from './close-codes.ts'
import { Lane } from './lane.ts'
import { readRequest } from './request-frame.ts'
import { toWireError } from './wire-errors.ts'

/** How long a client has to say hello, ms. */
const helloMs = 5_000
/** A socket that did not answer a ping for this long is dead, ms. */
const pingMs = 15_000
/** How long a client has to close after goodbye before the socket is cut, ms. */
const lingerMs = 2_000
/** Bytes that may wait to leave for a client that reads too slowly. */
const outboundBytes = 8 * 1024 * 1024
/** Requests of one client that may wait for an answer. */
const requestsInFlight = 256

/** What a connection asks of the gateway behind it. */
export interface ConnectionHost<Session> {
  /** Lets a client in. The session may be sent events from now on: they are held back until after the welcome. */
  admit(connection: Connection<Session>, token: string): Promise<{ session: Session; welcome: Welcome }>
  /** Answers a request. */
  answer(session: Session, method: string, params: unknown): Promise<unknown>
  /** The socket is closed, whether it was admitted or not. */
  left(connection: Connection<Session>): void
  /** A failure that the client is not told about. */
  report(error: unknown): void
}

/** The text of an event, made once for all who get it. */
export function eventFrame<E extends ControlEvent>(event: E, data: ControlEventData<E>): string {
  return JSON.stringify({ type: 'event', event, data } satisfies ServerFrame)
}

/** One control socket from hello to goodbye: frames in and out, order, bounds and liveness. */
export class Connection<Session> {
  readonly #socket: WebSocket
  readonly #host: ConnectionHost<Session>
  /** Pages of history are large: the next is read when the one before has left. */
  readonly #histories = new Lane()
  #state: 'new' | 'admitting' | 'open' | 'closing' | 'closed' = 'new'
  #session: Session | undefined
  #held: (() => string)[] = []
  #inFlight = 0
  #alive = true
  #helloTimer: NodeJS.Timeout | undefined
  #pingTimer: NodeJS.Timeout | undefined

  constructor(socket: WebSocket, host: ConnectionHost<Session>) {
    this.#socket = socket
    this.#host = host
  }

  /** Begins to listen. Everything that it acquires is released when the socket closes. */
  start(): void {
    const socket = this.#socket
    this.#helloTimer = setTimeout(() => {
      this.goodbye(
        closeCodes.helloTimeout,
        new UnitedError('hello-timeout', `No hello came within ${helloMs / 1000} s. Connect again.`),
      )
    }, helloMs)
    this.#pingTimer = setInterval(() => this.#ping(), pingMs)
    socket.on('pong', () => (this.#alive = true))
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('close', () => this.#closed())
  }

  get closed(): boolean {
    return this.#state === 'closing' || this.#state === 'closed'
  }

  /**
   * Sends an event, in order. Before the welcome it is held back.
   * @param text is asked for when it leaves, so that it says what is true then
   */
  sendEvent(text: () => string): void {
    if (this.#state === 'admitting') this.#held.push(text)
    else if (this.#state === 'open') void this.#send(text())
  }

  /** Says why, closes, and cuts the socket if the client does not follow. */
  goodbye(code: number, reason: unknown): void {
    if (this.closed) return
    this.#state = 'closing'
    const error: WireError = toWireError(reason, (hidden) => this.#host.report(hidden))
    this.#socket.send(JSON.stringify({ type: 'goodbye', error } satisfies ServerFrame))
    this.#socket.close(code)
    const cut = setTimeout(() => this.#socket.terminate(), lingerMs)
    this.#socket.once('close', () => clearTimeout(cut))
  }

  /** Cuts the socket without a word. */
  terminate(): void {
    this.#socket.terminate()
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.closed) return
    let frame: unknown
    try {
      // ws hands out text in a Buffer, as it does bytes.
      if (isBinary || !Buffer.isBuffer(data)) throw new MalformedError('a control frame', 'it is binary')
      frame = JSON.parse(data.toString())
    } catch (error) {
      const known = error instanceof MalformedError
      const malformed = known ? error : new MalformedError('a control frame', errorMessage(error))
      return this.goodbye(closeCodes.malformed, malformed)
    }
    if (this.#state === 'new') this.#hello(frame)
    else this.#request(frame)
  }

  #hello(frame: unknown): void {
    // Another version may have another layout, so its number is looked at first.
    if (isOtherProtocol(frame)) {
      const words = `This server speaks version ${controlProtocol} of the protocol. Update the older of the two.`
      return this.goodbye(closeCodes.protocol, new UnitedError('protocol', words))
    }
    if (!clientFrames.matches(frame) || frame.type !== 'hello') {
      const malformed = new MalformedError('the first control frame', 'it is not hello')
      return this.goodbye(closeCodes.malformed, malformed)
    }
    clearTimeout(this.#helloTimer)
    this.#state = 'admitting'
    this.#host.admit(this, frame.token).then(
      ({ session, welcome }) => {
        if (this.closed) return
        this.#session = session
        this.#state = 'open'
        void this.#send(JSON.stringify(welcome satisfies ServerFrame))
        for (const text of this.#held.splice(0)) void this.#send(text())
      },
      (error: unknown) => {
        const token = ['token-expired', 'token-invalid'].includes(errorCode(error) ?? '')
        this.goodbye(token ? closeCodes.token : closeCodes.unavailable, error)
      },
    )
  }

  #request(frame: unknown): void {
    const session = this.#session
    const request = readRequest(frame)
    if (!request || session === undefined) {
      const malformed = new MalformedError('a control frame', 'it is not a request')
      return this.goodbye(closeCodes.malformed, malformed)
    }
    const { id, method, params } = request
    if (this.#inFlight >= requestsInFlight) return this.#refuse(id, new TooManyRequests(requestsInFlight))
    this.#inFlight++
    const work = async (flush: boolean) => {
      try {
        const result = await this.#host.answer(session, method, params)
        const sent = this.#send(JSON.stringify({ type: 'reply', id, ok: true, result } satisfies ServerFrame))
        if (flush) await sent
      } catch (error) {
        this.#refuse(id, error)
      } finally {
        this.#inFlight--
      }
    }
    if (method === 'message.history') this.#histories.run(() => work(true))
    else void work(false)
  }

  #refuse(id: number, error: unknown): void {
    const wire = toWireError(error, (hidden) => this.#host.report(hidden))
    void this.#send(JSON.stringify({ type: 'reply', id, ok: false, error: wire } satisfies ServerFrame))
  }

  /** @returns a promise of the moment when the bytes have left, or never will; it does not reject */
  #send(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state !== 'open') return resolve()
      this.#socket.send(text, () => resolve())
      if (this.#socket.bufferedAmount > outboundBytes) {
        const words =
          'This client reads more slowly than the server has to tell it. Connect again; nothing is lost.'
        this.goodbye(closeCodes.tooSlow, new UnitedError('too-slow', words))
      }
    })
  }

  #ping(): void {
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#socket.ping()
  }

  #closed(): void {
    this.#state = 'closed'
    clearTimeout(this.#helloTimer)
    clearInterval(this.#pingTimer)
    this.#held = []
    this.#host.left(this)
  }
}

function isOtherProtocol(frame: unknown): boolean {
  return (
    typeof frame === 'object' &&
    frame !== null &&
    'type' in frame &&
    frame.type === 'hello' &&
    'protocol' in frame &&
    frame.protocol !== controlProtocol
  )
}
