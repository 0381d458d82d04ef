import { CODE_IP4, CODE_P2P, CODE_TCP, type Multiaddr } from '@multiformats/multiaddr'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'

/** The IPv4 address of a plain TCP multiaddr; undefined for every other kind. */
export function tcpHostOf(address: Multiaddr): string | undefined {
  const [ip, tcp, peer, ...more] = address.getComponents()
  const plain = ip?.code === CODE_IP4 && tcp?.code === CODE_TCP && (!peer || peer.code === CODE_P2P)
  return plain && more.length === 0 ? ip.value : undefined
}

/**
 * Whether `address` is one of plain TCP on a network that this computer is on now, itself not by loopback: what is
 * announced to others, accepted from them, and dialled when they announce it. A stranger can thus not make this node
 * knock at doors elsewhere, or at those of its own computer, nor be let in from the rest of the world.
 */
export function isLanAddress(address: Multiaddr): boolean {
  const host = tcpHostOf(address)
  return host !== undefined && localNetworks().check(host)
}

/** Looked up each time: networks come and go. */
function localNetworks(): BlockList {
  const networks = new BlockList()
  for (const { internal, family, address, cidr } of Object.values(networkInterfaces()).flatMap(
    (all) => all ?? [],
  ))
    if (!internal && family === 'IPv4' && cidr !== null)
      networks.addSubnet(address, Number(cidr.slice(cidr.indexOf('/') + 1)))
  return networks
}
