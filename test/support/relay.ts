import { generateKeyPair } from '@libp2p/crypto/keys'
import { createNode, type SignalingNode } from '../../server/actors/signaling/node.ts'

export interface Relay {
  node: SignalingNode
  addresses: string[]
  stop(): Promise<void>
}

/** The server's relay with no server around it. */
export async function startRelay(): Promise<Relay> {
  const node = await createNode(await generateKeyPair('Ed25519'), '/ip4/127.0.0.1/tcp/0/ws')
  return { node, addresses: node.getMultiaddrs().map(String), stop: async () => node.stop() }
}
