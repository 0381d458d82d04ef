import { start, stop, type PeerDiscovery, type PeerInfo } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { mdns, type MulticastDNSComponents } from '@libp2p/mdns'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isLanAddress } from './local-network.ts'
import { lanService } from './names.ts'

/** How often others are asked for; everyone also hears the answers to the questions of everyone else, ms. */
const askMs = 15_000
/** Whoever was not heard for this long has left the network, ms. */
const forgetMs = 4 * askMs
/** What is announced again within this time is not looked at, ms. */
const deafMs = 5_000
/** Anyone on the network can announce as many as they like. */
const mostPeers = 64

interface Heard {
  addresses: readonly Multiaddr[]
  /** On the monotonic clock, ms. */
  at: number
}

export interface LanInit {
  enabled: boolean
  /** Monotonic, ms. */
  now?: () => number
}

/** Who of the same server is on the same network, by mDNS. Says nothing and hears nothing before `enter`. */
export class Lan {
  readonly #enabled: boolean
  readonly #now: () => number
  readonly #heard = new Map<string, Heard>()
  #components: MulticastDNSComponents | undefined
  #server: string | undefined
  #discovery: PeerDiscovery | undefined
  #moves: Promise<void> = Promise.resolve()
  #onFound: () => void = () => undefined

  constructor({ enabled, now = () => performance.now() }: LanInit) {
    this.#enabled = enabled
    this.#now = now
  }

  /** Called once, when the node is being made. */
  attach(components: MulticastDNSComponents): this {
    this.#components = components
    return this
  }

  /** The server whose people are looked for. */
  get server(): string | undefined {
    return this.#server
  }

  onFound(callback: () => void): void {
    this.#onFound = callback
  }

  /** Looks for the people of `server` from now on, and lets itself be found by them. */
  enter(server: string): void {
    if (!this.#enabled || server === this.#server) return
    this.#server = server
    this.#move(server)
  }

  async leave(): Promise<void> {
    this.#server = undefined
    this.#move(undefined)
    await this.#moves
  }

  /** Who was heard of late, and the addresses on this network under which they can be dialled. */
  get nearby(): ReadonlyMap<string, readonly Multiaddr[]> {
    for (const [peer, { at }] of this.#heard) if (this.#now() - at > forgetMs) this.#heard.delete(peer)
    return new Map([...this.#heard].map(([peer, { addresses }]) => [peer, addresses]))
  }

  hear({ id, multiaddrs }: PeerInfo): void {
    const peer = id.toString()
    const before = this.#heard.get(peer)
    if (before ? this.#now() - before.at < deafMs : this.#heard.size >= mostPeers) return
    const addresses = multiaddrs.filter(isLanAddress)
    if (addresses.length === 0) return
    this.#heard.set(peer, { addresses, at: this.#now() })
    if (!before) this.#onFound()
  }

  /** One after the other: the socket of the last is closed before that of the next is opened. */
  #move(server: string | undefined): void {
    this.#moves = this.#moves
      .then(() => this.#listenFor(server))
      // A computer without multicast has no neighbours; it still has the server.
      .catch(() => undefined)
  }

  async #listenFor(server: string | undefined): Promise<void> {
    await stop(this.#discovery)
    this.#discovery = undefined
    this.#heard.clear()
    if (server === undefined || !this.#components) return
    const { logger, addressManager } = this.#components
    const components = { logger, addressManager: announcing(addressManager) }
    this.#discovery = mdns({ serviceTag: lanService(server), interval: askMs })(components)
    this.#discovery.addEventListener('peer', ({ detail }) => this.hear(detail))
    await start(this.#discovery)
  }
}

/** Of all addresses only those that somebody on the same network can use: the server's relay is nobody's business. */
function announcing(manager: AddressManager): AddressManager {
  const announced = () => manager.getAddresses().filter(isLanAddress)
  return new Proxy(manager, {
    get: (target, key): unknown => (key === 'getAddresses' ? announced : Reflect.get(target, key)),
  })
}
