import type { PeerId } from '@libp2p/interface'
import type { UnitedNode } from './node.ts'
import { byMerit, isDirect } from './transport.ts'

/** A peer that still has no stream after being asked is asked again after this time, ms. */
const againMs = 5_000

/**
 * Sees to it that gossip reaches everyone who is connected directly. gossipsub opens its stream to a peer when a
 * connection has been identified, on that connection, and once: when opening it fails, or when the connection with the
 * stream goes and another one stays, it would wait for ever. Identifying what is there makes it try again.
 */
export class KeepGossiping {
  readonly #node: UnitedNode
  /** Who had no stream at the last look: whoever has just connected gets one without help. */
  #lacking = new Set<string>()
  /** When each was last asked, ms on the monotonic clock. */
  readonly #asked = new Map<string, number>()

  constructor(node: UnitedNode) {
    this.#node = node
  }

  /** Called again and again; returns at once. */
  review(): void {
    const before = this.#lacking
    this.#lacking = new Set()
    for (const peer of this.#node.getPeers()) {
      const name = peer.toString()
      if (this.#isReached(peer)) {
        this.#asked.delete(name)
        continue
      }
      this.#lacking.add(name)
      if (before.has(name)) void this.#ask(peer)
    }
  }

  #isReached(peer: PeerId): boolean {
    const protocols = this.#node.services.pubsub.protocols
    const connections = this.#node.getConnections(peer).filter(isDirect)
    return (
      connections.length === 0 ||
      connections.some(({ streams }) =>
        streams.some(({ direction, protocol }) => direction === 'outbound' && protocols.includes(protocol)),
      )
    )
  }

  async #ask(peer: PeerId): Promise<void> {
    const name = peer.toString()
    const [connection] = byMerit(this.#node.getConnections(peer))
    if (!connection || performance.now() - (this.#asked.get(name) ?? -Infinity) < againMs) return
    this.#asked.set(name, performance.now())
    // Where this fails, too, the next look sees that there still is no stream.
    await this.#node.services.identify.identify(connection).catch(() => undefined)
  }
}
