import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { clientFrames, controlProtocol, type Welcome } from '../../shared/control.ts'
import { UnitedError, errorCode, errorMessage } from '../../shared/errors.ts'
import { MalformedError } from '../../shared/schema.ts'
import { TooManyRequests, TooSlow } from '../errors.ts'
import { admissionCodes, closeCodes } from './close-codes.ts'
import { encodeFrame, eventFrame, goodbyeFrame } from './frames.ts'
import { Lane } from './lane.ts'
import { Outbound, type OutboundLimits } from './outbound.ts'
import { Owed } from './owed.ts'
import { readRequest } from './request-frame.ts'
import { toWireError } from './wire-errors.ts'

/** How long a client has to say hello, ms. */
const helloMs = 5_000
/** A socket that did not answer a ping for this long is dead, ms. */
const pingMs = 15_000
/** Requests of one client that may wait for an answer, and the bytes of their frames. */
const requestsInFlight = 256
const bytesInFlight = 16 * 1024 * 1024

/** What a connection asks of the gateway behind it. */
export interface ConnectionHost<Session> {
  readonly outboundLimits: OutboundLimits
  /** Lets a client in. What it is told from now on is kept until after the welcome. */
  admit(connection: Connection<Session>, token: string): Promise<{ session: Session; welcome: Welcome }>
  /** Answers a request. Those that are to be carried out in their order begin before this returns. */
  answer(session: Session, method: string, params: unknown): Promise<unknown>
  /** The socket is closed, whether it was admitted or not. */
  left(connection: Connection<Session>): void
  /** A failure that the client is not told about. */
  report(error: unknown): void
}

/**
 * One control socket from hello to goodbye: frames in and out, order, bounds and liveness.
 *
 * A client that reads too slowly is told that it lags and is pushed nothing more; when it has read what waits for it, it
 * is told the latest of each state and where its channels end, and asks for what it missed. One that reads nothing is
 * let go.
 */
export class Connection<Session> {
  readonly #socket: WebSocket
  readonly #host: ConnectionHost<Session>
  readonly #outbound: Outbound
  readonly #owed = new Owed()
  /** Pages of history are large: the next is read when the one before has left. */
  readonly #histories = new Lane()
  #state: 'new' | 'admitting' | 'open' | 'closing' | 'closed' = 'new'
  #session: Session | undefined
  #inFlight = 0
  #bytesInFlight = 0
  #alive = true
  #helloTimer: NodeJS.Timeout | undefined
  #pingTimer: NodeJS.Timeout | undefined
  #whenClosed: (() => void)[] = []

  /** @param stream the TCP stream below `socket` */
  constructor(socket: WebSocket, stream: Socket, host: ConnectionHost<Session>) {
    this.#socket = socket
    this.#host = host
    const { stallMs, softBytes } = host.outboundLimits
    this.#outbound = new Outbound(socket, stream, host.outboundLimits, {
      lagging: () => this.#send(eventFrame('lagging', { bytes: softBytes, dropAfterMs: stallMs })),
      caughtUp: () => this.#tellOwed(),
      tooSlow: () => this.goodbye(closeCodes.tooSlow, new TooSlow()),
    })
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
   * Tells the client how something is now.
   * @param key what it is: where the client cannot be told yet, it will be told the latest alone
   * @param frame is asked for when it leaves, so that it says what is true then
   */
  tell(key: string, frame: () => Buffer): void {
    if (this.#takesEvents) this.#send(frame())
    else if (!this.closed) this.#owed.state(key, frame)
  }

  /** Tells the client messages of a channel, the last of which is at `head`. */
  push(channel: string, head: number, frame: Buffer): void {
    if (this.#takesEvents) this.#send(frame)
    else if (!this.closed) this.#owed.messages(channel, head)
  }

  /** Says why, closes, and cuts the socket if the client does not follow. */
  goodbye(code: number, reason: unknown): void {
    if (this.closed) return
    this.#state = 'closing'
    const error = toWireError(reason, (hidden) => this.#host.report(hidden))
    this.#outbound.end(goodbyeFrame(error))
    this.#socket.close(code, error.code)
    const cut = setTimeout(() => this.#socket.terminate(), this.#host.outboundLimits.lingerMs)
    this.#whenClosed.push(() => clearTimeout(cut))
  }

  /** Cuts the socket without a word. */
  terminate(): void {
    this.#socket.terminate()
  }

  get #takesEvents(): boolean {
    return this.#state === 'open' && !this.#outbound.lagging
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
    else this.#request(frame, data.byteLength)
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
        this.#send(encodeFrame(welcome))
        this.#tellOwed()
      },
      (error: unknown) => {
        this.goodbye(admissionCodes[errorCode(error) ?? ''] ?? closeCodes.unavailable, error)
      },
    )
  }

  #request(frame: unknown, bytes: number): void {
    const session = this.#session
    const request = readRequest(frame)
    if (!request || session === undefined) {
      const malformed = new MalformedError('a control frame', 'it is not a request')
      return this.goodbye(closeCodes.malformed, malformed)
    }
    const { id, method, params } = request
    if (this.#inFlight >= requestsInFlight || this.#bytesInFlight + bytes > bytesInFlight)
      return this.#refuse(id, new TooManyRequests(requestsInFlight))
    this.#inFlight++
    this.#bytesInFlight += bytes
    const work = async (left?: () => void) => {
      try {
        const result = await this.#host.answer(session, method, params)
        this.#send(encodeFrame({ type: 'reply', id, ok: true, result }), left)
      } catch (error) {
        this.#refuse(id, error)
        left?.()
      } finally {
        this.#inFlight--
        this.#bytesInFlight -= bytes
      }
    }
    if (method === 'message.history') this.#histories.run(() => this.#untilLeft(work))
    else void work()
  }

  /** Resolves when what `work` sends has left, or never will. */
  #untilLeft(work: (left: () => void) => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed) return resolve()
      this.#whenClosed.push(resolve)
      void work(() => {
        this.#whenClosed.splice(this.#whenClosed.indexOf(resolve), 1)
        resolve()
      })
    })
  }

  #refuse(id: number, error: unknown): void {
    const wire = toWireError(error, (hidden) => this.#host.report(hidden))
    this.#send(encodeFrame({ type: 'reply', id, ok: false, error: wire }))
  }

  #send(frame: Buffer, left?: () => void): void {
    if (this.#state === 'open') this.#outbound.send(frame, left)
  }

  #tellOwed(): void {
    for (const frame of this.#owed.take()) this.#send(frame)
  }

  #ping(): void {
    // Behind what waits for it to read, a ping would not reach it: whether it reads is watched there.
    if (this.#outbound.waiting) return
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    this.#socket.ping()
  }

  #closed(): void {
    this.#state = 'closed'
    clearTimeout(this.#helloTimer)
    clearInterval(this.#pingTimer)
    this.#outbound.closed()
    for (const release of this.#whenClosed.splice(0)) release()
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
