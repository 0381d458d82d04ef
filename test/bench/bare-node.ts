import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '../../actors/p2p/node.ts'

/** Plain libp2p and gossipsub in a process of its own, with nothing of UNITED around it but the same options. */
export type BareCommand =
  | { do: 'reach'; relay: string }
  | { do: 'dial'; address: string }
  | { do: 'follow'; topic: string }
  | { do: 'publish'; topic: string }
export type BareReport =
  | { peer: string }
  | { address: string }
  | { dialled: true }
  | { following: true }
  /** From the publisher's call to this node's event, ns. */
  | { tookNs: bigint }

const node = await createNode({ iceServers: [], lan: false })
const send = (report: BareReport) => process.send?.(report)

node.services.pubsub.addEventListener('message', ({ detail }) => {
  send({ tookNs: process.hrtime.bigint() - new DataView(detail.data.slice().buffer).getBigInt64(0) })
})
process.on('message', (command: BareCommand) => {
  void run(command)
})
process.on('disconnect', () => process.exit())
send({ peer: node.peerId.toString() })

async function run(command: BareCommand): Promise<void> {
  switch (command.do) {
    case 'reach': {
      await node.dial(multiaddr(command.relay))
      const timer = setInterval(() => {
        const address = node.getMultiaddrs().find((candidate) => candidate.toString().includes('/webrtc/'))
        if (!address) return
        clearInterval(timer)
        send({ address: address.toString() })
      }, 20)
      return
    }
    case 'dial':
      await node.dial(multiaddr(command.address))
      send({ dialled: true })
      return
    case 'follow':
      node.services.pubsub.subscribe(command.topic)
      send({ following: true })
      return
    case 'publish': {
      // As long as a short message's envelope.
      const data = new Uint8Array(400)
      const view = new DataView(data.buffer)
      view.setFloat64(8, Math.random())
      view.setBigInt64(0, process.hrtime.bigint())
      await node.services.pubsub.publish(command.topic, data)
    }
  }
}
