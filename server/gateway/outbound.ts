import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

export interface OutboundLimits {
  /** Bytes that may wait for a client before it lags: it is pushed nothing more until it has read them. */
  softBytes: number
  /** Bytes that may wait for a client at all. */
  hardBytes: number
  /** How long a client may take nothing of what waits for it, ms. */
  stallMs: number
  /** How long a client has to close after goodbye before the socket is cut, ms. */
  lingerMs: number
}

export const outboundLimits: OutboundLimits = {
  softBytes: 1024 * 1024,
  hardBytes: 8 * 1024 * 1024,
  stallMs: 10_000,
  lingerMs: 2_000,
}

/** A large frame is handed over in pieces of this size, so that it is seen whether a slow client takes any of it. */
const pieceBytes = 64 * 1024

interface Waiting {
  readonly frame: Buffer
  /** How much of it was handed over. */
  at: number
  readonly left: (() => void) | undefined
}

export interface OutboundEvents {
  /** More than `softBytes` wait. */
  lagging(): void
  /** Nothing waits any more, after it had lagged. */
  caughtUp(): void
  /** More than `hardBytes` wait, or none of them has left for `stallMs`. */
  tooSlow(): void
}

/**
 * The frames that wait for one client. The stream below is given as much as it takes at once, and more when that has
 * left; frames of one turn of the event loop go in one write.
 */
export class Outbound {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #limits: OutboundLimits
  readonly #events: OutboundEvents
  #queue: Waiting[] = []
  #bytes = 0
  #lagging = false
  #corked = false
  #stall: NodeJS.Timeout | undefined

  /** @param stream the TCP stream below `socket` */
  constructor(socket: WebSocket, stream: Socket, limits: OutboundLimits, events: OutboundEvents) {
    this.#socket = socket
    this.#stream = stream
    this.#limits = limits
    this.#events = events
    stream.on('drain', () => {
      // The client took something.
      this.#stall?.refresh()
      this.#pump()
    })
  }

  get lagging(): boolean {
    return this.#lagging
  }

  /** Whether something waits for the client to read. */
  get waiting(): boolean {
    return this.#queue.length > 0
  }

  /** @param left is called when the frame has left; never where the socket ends before */
  send(frame: Buffer, left?: () => void): void {
    if (this.#queue.length === 0 && frame.byteLength <= pieceBytes && !this.#stream.writableNeedDrain)
      return this.#hand(frame, true, left)
    this.#queue.push({ frame, at: 0, left })
    this.#bytes += frame.byteLength
    this.#pump()
    if (this.#bytes > this.#limits.hardBytes) this.#events.tooSlow()
    else if (this.#bytes > this.#limits.softBytes && !this.#lagging) {
      this.#lagging = true
      this.#events.lagging()
    }
  }

  /** Nothing more leaves but `last`, where no frame is half told. What waited is forgotten. */
  end(last: Buffer): void {
    const halfTold = (this.#queue[0]?.at ?? 0) > 0
    this.#forget()
    if (!halfTold) this.#hand(last, true)
  }

  /** The socket is closed. */
  closed(): void {
    this.#forget()
  }

  #forget(): void {
    this.#queue = []
    this.#bytes = 0
    this.#lagging = false
    clearTimeout(this.#stall)
    this.#stall = undefined
  }

  #pump(): void {
    for (let [first] = this.#queue; first && !this.#stream.writableNeedDrain; [first] = this.#queue) {
      const piece = first.frame.subarray(first.at, first.at + pieceBytes)
      first.at += piece.byteLength
      this.#bytes -= piece.byteLength
      const whole = first.at >= first.frame.byteLength
      if (whole) this.#queue.shift()
      this.#hand(piece, whole, whole ? first.left : undefined)
    }
    this.#watchStall()
    if (this.#lagging && this.#queue.length === 0) {
      this.#lagging = false
      this.#events.caughtUp()
    }
  }

  #watchStall(): void {
    if (this.#queue.length === 0) {
      clearTimeout(this.#stall)
      this.#stall = undefined
    } else this.#stall ??= setTimeout(() => this.#events.tooSlow(), this.#limits.stallMs)
  }

  #hand(bytes: Buffer, fin: boolean, left?: () => void): void {
    if (!this.#corked) {
      this.#corked = true
      this.#stream.cork()
      setImmediate(() => {
        this.#corked = false
        this.#stream.uncork()
      })
    }
    this.#socket.send(bytes, { binary: false, fin }, left && (() => left()))
  }
}
