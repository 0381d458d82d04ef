import type { Connection, Stream } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import { randomBytes } from 'node:crypto'

/** The ping of libp2p. */
const pingProtocol = '/ipfs/ping/1.0.0'
const pingBytes = 32

export interface PulseInit {
  /** All connections that are open now. */
  connections(): readonly Connection[]
  /** Time between two pings of a connection, ms. @default 10_000 */
  everyMs?: number
  /** How long an echo may take, ms. @default 20_000 */
  patienceMs?: number
  /** So many pings in a row without an echo mean that nobody is there any more. @default 3 */
  misses?: number
}

/**
 * Measures the round trip of every connection and ends those that are dead. It takes the place of libp2p's connection
 * monitor, which ends a connection at the first ping that fails in any way: without the server nothing brings a WebRTC
 * connection back, so that a peer whose computer is busy for a moment would be lost. It measures by the wall clock, too.
 */
export class Pulse {
  readonly #connections: () => readonly Connection[]
  readonly #everyMs: number
  readonly #patienceMs: number
  readonly #allowed: number
  readonly #misses = new WeakMap<Connection, number>()
  readonly #waiting = new WeakSet<Connection>()
  #measured = new WeakMap<Connection, number>()
  #shown = new WeakMap<Connection, number>()
  #timer: NodeJS.Timeout | undefined

  constructor({ connections, everyMs = 10_000, patienceMs = 20_000, misses = 3 }: PulseInit) {
    this.#connections = connections
    this.#everyMs = everyMs
    this.#patienceMs = patienceMs
    this.#allowed = misses
  }

  start(): void {
    this.#timer = setInterval(() => {
      // What was measured since the last round is shown until the next one: a list of round trips changes once a round.
      this.#shown = this.#measured
      this.#measured = new WeakMap()
      for (const connection of this.#connections()) void this.#feel(connection)
    }, this.#everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** ms with one decimal, as of the last round; null as long as nothing was measured. */
  roundTripOf(connection: Connection): number | null {
    return this.#shown.get(connection) ?? this.#measured.get(connection) ?? null
  }

  async #feel(connection: Connection): Promise<void> {
    if (this.#waiting.has(connection) || connection.status !== 'open') return
    this.#waiting.add(connection)
    const signal = AbortSignal.timeout(this.#patienceMs)
    try {
      this.#measured.set(connection, Math.round(10 * (await roundTrip(connection, signal))) / 10)
      this.#misses.delete(connection)
    } catch (error) {
      // A refusal is a sign of life: the relay, for one, does not know the protocol.
      if (!signal.aborted) this.#misses.delete(connection)
      else this.#miss(connection, error)
    } finally {
      this.#waiting.delete(connection)
    }
  }

  #miss(connection: Connection, cause: unknown): void {
    const misses = (this.#misses.get(connection) ?? 0) + 1
    this.#misses.set(connection, misses)
    if (misses >= this.#allowed) connection.abort(new Error(`${misses} pings had no echo`, { cause }))
  }
}

/** In ms, by the monotonic clock. */
async function roundTrip(connection: Connection, signal: AbortSignal): Promise<number> {
  let stream: Stream | undefined
  try {
    stream = await connection.newStream(pingProtocol, { signal, runOnLimitedConnection: true })
    const bytes = byteStream(stream)
    const started = performance.now()
    await bytes.write(randomBytes(pingBytes), { signal })
    await bytes.read({ bytes: pingBytes, signal })
    const took = performance.now() - started
    await stream.close({ signal })
    return took
  } catch (error) {
    stream?.abort(error instanceof Error ? error : new Error('The ping failed', { cause: error }))
    throw error
  }
}
