import { p2pContract, type P2pEvents, type Participation } from '../../actors/p2p/contract.ts'
import { childSpec, Supervisor, type ActorRef } from '../../supervisor/runtime/index.ts'
import { eventually } from './eventually.ts'

/** The p2p actor under a supervisor of its own, with no chat above it: it says whatever it is told to. */
export interface P2pActor {
  call: ActorRef<typeof p2pContract>['call']
  heard: P2pEvents['gossip'][]
  stop(): Promise<void>
}

/** Resolves when every peer of `participation` is connected directly. */
export async function startP2p(participation: Participation): Promise<P2pActor> {
  const supervisor = new Supervisor()
  const p2p = supervisor.ref(p2pContract)
  const heard: P2pEvents['gossip'][] = []
  p2p.on('gossip', (message) => heard.push(message))
  await supervisor.start([
    childSpec({
      contract: p2pContract,
      entry: new URL('../../actors/p2p/actor.ts', import.meta.url),
      isolation: 'process',
      init: () => ({ iceServers: [] }),
    }),
  ])
  await p2p.call.configure(participation)
  await eventually('everybody is connected directly', async () => {
    const direct = (await p2p.call.connections()).filter((peer) => peer.direct)
    return direct.length === participation.peers.length
  })
  return { call: p2p.call, heard, stop: () => supervisor.stop() }
}
