import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { errorMessage } from '../../shared/errors.ts'
import type { PeerConnection, PeerTransport } from './contract.ts'
import type { UnitedNode } from './node.ts'

/** The side with the lower peer id dials at once; the other gives it this long, so that both do not dial at once, ms. */
const politenessMs = 2_000
const retryMs = { first: 1_000, max: 30_000 }
const dialTimeoutMs = 15_000

interface Attempt {
  /** Not to be tried before this time, ms since the epoch. */
  notBefore: number
  failures: number
  dialling: boolean
  error: string | null
}

/** Works towards a direct connection to every wanted peer. */
export class PeerConnections {
  readonly #node: UnitedNode
  readonly #attempts = new Map<string, Attempt>()

  constructor(node: UnitedNode) {
    this.#node = node
  }

  want(peers: readonly string[]): void {
    const own = this.#node.peerId.toString()
    const wanted = new Set(peers.filter((peer) => peer !== own))
    for (const peer of this.#attempts.keys()) if (!wanted.has(peer)) this.#attempts.delete(peer)
    for (const peer of wanted) {
      if (this.#attempts.has(peer)) continue
      const notBefore = Date.now() + (own < peer ? 0 : politenessMs)
      this.#attempts.set(peer, { notBefore, failures: 0, dialling: false, error: null })
    }
  }

  /** Dials who is due. Called again and again; returns at once. */
  pursue(relays: readonly string[]): void {
    for (const [peer, attempt] of this.#attempts) {
      if (attempt.dialling || attempt.notBefore > Date.now() || this.#describe(peer).direct) continue
      void this.#dial(peer, attempt, relays)
    }
  }

  list(): PeerConnection[] {
    return [...this.#attempts].map(([peer, attempt]) => {
      const described = this.#describe(peer)
      return { peer, ...described, error: described.direct ? null : attempt.error }
    })
  }

  async #dial(peer: string, attempt: Attempt, relays: readonly string[]): Promise<void> {
    attempt.dialling = true
    try {
      const addresses = relays.map((relay) => multiaddr(`${relay}/p2p-circuit/webrtc/p2p/${peer}`))
      await this.#node.dial(addresses, {
        signal: AbortSignal.timeout(dialTimeoutMs),
        force: this.#isRelayed(peer),
      })
      attempt.failures = 0
      attempt.error = null
    } catch (error) {
      const waitMs = Math.min(retryMs.max, retryMs.first * 2 ** attempt.failures)
      attempt.failures++
      attempt.notBefore = Date.now() + waitMs
      attempt.error = errorMessage(error)
    } finally {
      attempt.dialling = false
    }
  }

  #isRelayed(peer: string): boolean {
    return this.#describe(peer).transport === 'relay'
  }

  #describe(peer: string): { transport: PeerTransport; direct: boolean } {
    const transports = this.#node
      .getConnections(peerIdFromString(peer))
      .filter(({ status }) => status === 'open')
      .map(transportOf)
    const transport =
      (['webrtc', 'websocket', 'relay'] as const).find((kind) => transports.includes(kind)) ?? 'none'
    return { transport, direct: transport === 'webrtc' || transport === 'websocket' }
  }
}

function transportOf(connection: Connection): PeerTransport {
  const address = connection.remoteAddr.toString()
  if (address.includes('/webrtc')) return 'webrtc'
  if (address.includes('/p2p-circuit')) return 'relay'
  return 'websocket'
}
