import {
  bridgeEvents,
  bridgeHostFrames,
  type BridgeAnswer,
  type BridgeEvent,
  type BridgeMethod,
} from '../../shared/bridge.ts'
import { Backoff } from './backoff.ts'
import type { Carrier } from './carrier.ts'
import { HostGoneError } from './host-gone.ts'

/** How long a call waits for a connection before it is given up, in ms. */
const patience = 10_000

/**
 * The browser's way: one WebSocket to the host on 127.0.0.1. It reconnects by itself for as long as the page lives.
 *
 *   invoke ──▶ open?  ── yes ─▶ in flight ──▶ answered, or rejected when the socket closes
 *                └───── no ──▶ waiting   ──▶ in flight at the next open, or rejected after `patience`
 */
export class WebSocketCarrier implements Carrier {
  readonly #url: URL
  readonly #backoff = new Backoff({ first: 200, most: 5_000 })
  readonly #inFlight = new Map<number, PromiseWithResolvers<BridgeAnswer>>()
  readonly #waiting = new Set<(socket: WebSocket) => void>()
  readonly #eventHandlers: ((event: BridgeEvent, data: unknown) => void)[] = []
  readonly #connectionHandlers = new Set<(connected: boolean) => void>()
  #open: WebSocket | undefined
  #lastId = 0

  constructor(url: URL) {
    this.#url = url
  }

  start(): void {
    const socket = new WebSocket(this.#url)
    socket.addEventListener('open', () => {
      this.#backoff.reset()
      this.#open = socket
      for (const handler of this.#connectionHandlers) handler(true)
      for (const proceed of this.#waiting) proceed(socket)
      this.#waiting.clear()
    })
    socket.addEventListener('message', ({ data }) => {
      this.#receive(data)
    })
    // A failed attempt ends in `close` as well, so this is the one place that tries again.
    socket.addEventListener('close', () => {
      if (this.#open === socket) this.#lose()
      setTimeout(() => {
        this.start()
      }, this.#backoff.next())
    })
  }

  async invoke(method: BridgeMethod, params: unknown): Promise<BridgeAnswer> {
    const socket = this.#open ?? (await this.#opened())
    this.#lastId += 1
    const id = this.#lastId
    const answer = Promise.withResolvers<BridgeAnswer>()
    this.#inFlight.set(id, answer)
    socket.send(JSON.stringify({ id, method, params }))
    return answer.promise
  }

  onEvent(handler: (event: BridgeEvent, data: unknown) => void): void {
    this.#eventHandlers.push(handler)
  }

  onConnection(handler: (connected: boolean) => void): () => void {
    this.#connectionHandlers.add(handler)
    handler(this.#open !== undefined)
    return () => this.#connectionHandlers.delete(handler)
  }

  #opened(): Promise<WebSocket> {
    return new Promise((resolve, reject) => {
      const proceed = (socket: WebSocket): void => {
        clearTimeout(timer)
        resolve(socket)
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(proceed)
        reject(new HostGoneError())
      }, patience)
      this.#waiting.add(proceed)
    })
  }

  #lose(): void {
    this.#open = undefined
    for (const answer of this.#inFlight.values()) answer.reject(new HostGoneError())
    this.#inFlight.clear()
    for (const handler of this.#connectionHandlers) handler(false)
  }

  #receive(data: unknown): void {
    try {
      const frame = bridgeHostFrames.check(typeof data === 'string' ? JSON.parse(data) : data)
      if ('id' in frame) {
        this.#inFlight.get(frame.id)?.resolve(frame.answer)
        this.#inFlight.delete(frame.id)
      } else if (isBridgeEvent(frame.event)) {
        for (const handler of this.#eventHandlers) handler(frame.event, frame.data)
      }
    } catch (error) {
      console.error('A frame from the host was left out:', error)
    }
  }
}

function isBridgeEvent(name: string): name is BridgeEvent {
  return Object.hasOwn(bridgeEvents, name)
}
