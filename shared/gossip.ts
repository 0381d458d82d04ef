import { createHash } from 'node:crypto'
import { MalformedError } from './schema.ts'
import { decodeEnvelope } from './envelope.ts'
import { limits } from './limits.ts'

/** How every gossip node of UNITED is set up, desktops and servers alike. Times in ms, sizes in bytes. */
export const gossipOptions = {
  D: 6,
  Dlo: 4,
  Dhi: 12,
  Dlazy: 6,
  heartbeatInterval: 1_000,
  globalSignaturePolicy: 'StrictSign',
  /** To everyone known, not only the mesh: channels are small and the first hop decides the latency. */
  floodPublish: true,
  allowPublishToZeroTopicPeers: true,
  emitSelf: false,
  /** A household, an office or a relay is one address with many honest people behind it. */
  scoreParams: { IPColocationFactorWeight: 0 },
  /** Publishing again what is still unconfirmed is right, not an error. */
  ignoreDuplicatePublishError: true,
  /** One gossip message may carry several envelopes' worth of control data. */
  maxInboundDataLength: 4 * limits.envelopeBytes,
} as const

/**
 * The id under which gossip knows a message: the hash of its bytes. Envelopes are canonical, so one message is one id;
 * the envelope's own id would let anyone who saw it publish other bytes under it first, and so hide the message.
 */
export function gossipMessageId({ data }: { data: Uint8Array }): Uint8Array {
  return createHash('sha256').update(data).digest()
}

/** Whether `data` may be passed on under the topic of `channel`: it is an envelope, and of that channel. */
export function isGossipOf(channel: string, data: Uint8Array): boolean {
  try {
    return decodeEnvelope(data).channel === channel
  } catch (error) {
    if (error instanceof MalformedError) return false
    throw error
  }
}
