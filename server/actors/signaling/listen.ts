import type { PrivateKey } from '@libp2p/interface'
import { lookup } from 'node:dns/promises'
import { createServer } from 'node:net'
import { errorCode } from '../../../shared/errors.ts'
import { HostUnusable, PortInUse } from '../../errors.ts'
import type { SignalingInit } from './contract.ts'
import { createNode, type SignalingNode } from './node.ts'

/**
 * Starts the node on the wanted port, or on another one where that is allowed.
 * @throws PortInUse, HostUnusable
 */
export async function listen(privateKey: PrivateKey, init: SignalingInit): Promise<SignalingNode> {
  const ip = await lookup(init.host).catch((cause: unknown) => {
    throw new HostUnusable(init.host, { cause })
  })
  const at = (port: number) => `/ip${ip.family}/${ip.address}/tcp/${port}/ws`
  try {
    await probe(ip.address, init.port)
  } catch (cause) {
    if (errorCode(cause) !== 'EADDRINUSE') throw new HostUnusable(init.host, { cause })
    if (!init.anotherPort) throw new PortInUse(init.host, init.port, '--relay-port', { cause })
    return createNode(privateKey, at(0))
  }
  return createNode(privateKey, at(init.port))
}

/** Listens for an instant: libp2p does not say why it could not. */
function probe(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, host, () => server.close(() => resolve()))
  })
}
