import { createHash } from 'node:crypto'

/*
 * Two people on one network find each other by a name that both derive from the id of their server. Nobody who does not
 * know the id can tell from the name which server it is, and the name says nothing of what the service does.
 */

const digest = (purpose: string, server: string) =>
  createHash('sha256').update(`united/${purpose}/${server}`).digest()

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The mDNS service that members of `server` ask for: as RFC 6335 wants it, 15 characters with a letter first. */
export function lanService(server: string): string {
  const letters = [...digest('lan-service', server).subarray(0, 14)].map((byte) => base32[byte & 31])
  return `_u${letters.join('')}._udp.local`
}

/**
 * What both ends mix into the handshake of a connection on the local network: it fails where the other side does not
 * know the id of the server, before any topic or message was told.
 */
export function lanPrologue(server: string): Uint8Array {
  return digest('lan-handshake', server)
}
