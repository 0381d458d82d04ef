import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { PeerConnection } from './contract.ts'
import type { UnitedNode } from './node.ts'
import type { Pulse } from './pulse.ts'
import { reasonInWords } from './reasons.ts'
import { byMerit, isDirect, transportOf } from './transport.ts'

/** The side with the lower peer id dials at once; the other gives it this long, so that both do not dial at once, ms. */
const politenessMs = 2_000
const retryMs = { first: 1_000, max: 30_000 }
const dialTimeoutMs = 15_000

/** By what ways peers can be dialled now. */
export interface Ways {
  /** Multiaddrs of relays that are connected. */
  relays: readonly string[]
  /** Who is on the same network, and where. */
  nearby: ReadonlyMap<string, readonly Multiaddr[]>
}

interface Attempt {
  /** Not to be tried before this time, ms on the monotonic clock: the other one may jump by hours. */
  notBefore: number
  failures: number
  /** Dials since it was last connected directly. */
  dials: number
  dialling: boolean
  nearby: boolean
  error: string | null
}

/** Works towards a direct connection to everyone introduced by the server or found nearby. */
export class PeerConnections {
  readonly #node: UnitedNode
  readonly #attempts = new Map<string, Attempt>()
  readonly #pulse: Pulse
  #introduced: ReadonlySet<string> = new Set()

  constructor(node: UnitedNode, pulse: Pulse) {
    this.#node = node
    this.#pulse = pulse
  }

  introduce(peers: readonly string[]): void {
    const own = this.#node.peerId.toString()
    this.#introduced = new Set(peers.filter((peer) => peer !== own))
  }

  isIntroduced(peer: string): boolean {
    return this.#introduced.has(peer)
  }

  /** Dials who is due. Called again and again; returns at once. */
  pursue(ways: Ways): void {
    this.#sync(ways)
    for (const [peer, attempt] of this.#attempts) {
      if (isDirect(this.#connectionTo(peer))) {
        attempt.dials = 0
        this.#closeSurplus(peer)
        continue
      }
      const addresses = addressesOf(peer, ways)
      if (attempt.dialling || attempt.notBefore > performance.now() || addresses.length === 0) continue
      void this.#dial(peer, attempt, addresses)
    }
  }

  list(): PeerConnection[] {
    return [...this.#introduced].map((peer) => {
      const { error, dials } = this.#attempts.get(peer) ?? { error: null, dials: 0 }
      const connection = this.#connectionTo(peer)
      const direct = isDirect(connection)
      return {
        peer,
        transport: connection ? transportOf(connection) : 'none',
        direct,
        rttMs: connection ? this.#pulse.roundTripOf(connection) : null,
        since: connection?.timeline.open ?? null,
        error: direct ? null : error,
        attempts: dials,
      }
    })
  }

  #sync({ nearby }: Ways): void {
    const wanted = new Set([...this.#introduced, ...nearby.keys()])
    for (const peer of this.#attempts.keys()) if (!wanted.has(peer)) this.#attempts.delete(peer)
    for (const peer of wanted) {
      const attempt = this.#attempts.get(peer) ?? this.#begin(peer)
      // Whoever comes near is worth another try at once, however often others failed.
      if (nearby.has(peer) && !attempt.nearby)
        attempt.notBefore = Math.min(attempt.notBefore, this.#firstTry(peer))
      attempt.nearby = nearby.has(peer)
    }
  }

  #begin(peer: string): Attempt {
    const notBefore = this.#firstTry(peer)
    const attempt = { notBefore, failures: 0, dials: 0, dialling: false, nearby: false, error: null }
    this.#attempts.set(peer, attempt)
    return attempt
  }

  #firstTry(peer: string): number {
    return performance.now() + (this.#node.peerId.toString() < peer ? 0 : politenessMs)
  }

  async #dial(peer: string, attempt: Attempt, addresses: Multiaddr[]): Promise<void> {
    attempt.dialling = true
    attempt.dials++
    try {
      await this.#node.dial(addresses, {
        signal: AbortSignal.timeout(dialTimeoutMs),
        // Relayed is not good enough.
        force: this.#connectionTo(peer) !== undefined,
      })
      attempt.failures = 0
      attempt.error = null
    } catch (error) {
      const waitMs = Math.min(retryMs.max, retryMs.first * 2 ** attempt.failures)
      attempt.failures++
      attempt.notBefore = performance.now() + waitMs
      attempt.error = reasonInWords(error)
    } finally {
      attempt.dialling = false
    }
  }

  /** Where both ends dialled at once, or by two ways, one connection is enough. One end decides, so that one stays. */
  #closeSurplus(peer: string): void {
    if (this.#node.peerId.toString() > peer) return
    for (const connection of this.#connectionsTo(peer).filter(isDirect).slice(1))
      connection.close().catch((cause: unknown) => connection.abort(new Error('One too many', { cause })))
  }

  #connectionTo(peer: string): Connection | undefined {
    return this.#connectionsTo(peer)[0]
  }

  #connectionsTo(peer: string): Connection[] {
    return byMerit(this.#node.getConnections(peerIdFromString(peer)))
  }
}

function addressesOf(peer: string, { relays, nearby }: Ways): Multiaddr[] {
  return [
    ...(nearby.get(peer) ?? []).map((address) => address.encapsulate(`/p2p/${peer}`)),
    ...relays.map((relay) => multiaddr(`${relay}/p2p-circuit/webrtc/p2p/${peer}`)),
  ]
}
