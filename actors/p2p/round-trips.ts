import type { Connection } from '@libp2p/interface'

/** Round trips change with every measurement; whoever shows them is told this often at most, ms. */
const refreshMs = 10_000
/** What took longer was no round trip: the computer slept in between, or its clock was set. */
const longestMs = 60_000

/** Round-trip times as the connection monitor measured them, held still between one look and the next. */
export class RoundTrips {
  readonly #now: () => number
  #seen = new WeakMap<Connection, number>()
  #since: number

  /** @param now monotonic, ms */
  constructor(now = () => performance.now()) {
    this.#now = now
    this.#since = now()
  }

  /** Whole ms; null as long as nothing was measured. */
  of(connection: Connection): number | null {
    if (this.#now() - this.#since >= refreshMs) {
      this.#since = this.#now()
      this.#seen = new WeakMap()
    }
    const seen = this.#seen.get(connection)
    if (seen !== undefined) return seen
    const { rtt } = connection
    if (rtt === undefined || !(rtt >= 0 && rtt <= longestMs)) return null
    const rounded = Math.round(rtt)
    this.#seen.set(connection, rounded)
    return rounded
  }
}
