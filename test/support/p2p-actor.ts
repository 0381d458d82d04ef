import { p2pContract, type P2pEvents, type P2pInit, type Participation } from '../../actors/p2p/contract.ts'
import { childSpec, Supervisor, type ActorRef, type Isolations } from '../../supervisor/runtime/index.ts'
import { eventually } from './eventually.ts'

/** The p2p actor under a supervisor of its own, with no chat above it: it says whatever it is told to. */
export interface P2pActor {
  ref: ActorRef<typeof p2pContract>
  call: ActorRef<typeof p2pContract>['call']
  heard: P2pEvents['gossip'][]
  asked: P2pEvents['asked'][]
  /** The peer id under which others can dial it, once they can. */
  reachableAs(): Promise<string>
  /** Resolves when every peer of `participation` is connected directly. */
  join(participation: Participation): Promise<void>
  stop(): Promise<void>
}

/** @param init local discovery is off unless it is asked for: other tests run on this network */
export async function startP2pActor(
  init: Partial<P2pInit> = {},
  isolations: Partial<Isolations> = {},
): Promise<P2pActor> {
  const supervisor = new Supervisor({ isolations })
  const p2p = supervisor.ref(p2pContract)
  const heard: P2pEvents['gossip'][] = []
  const asked: P2pEvents['asked'][] = []
  p2p.on('gossip', (message) => heard.push(message))
  p2p.on('asked', (question) => asked.push(question))
  await supervisor.start([
    childSpec({
      contract: p2pContract,
      entry: new URL('../../actors/p2p/actor.ts', import.meta.url),
      isolation: 'process',
      init: () => ({ iceServers: [], lan: false, ...init }),
    }),
  ])
  return {
    ref: p2p,
    call: p2p.call,
    heard,
    asked,
    reachableAs: () => eventually('others can dial', async () => (await p2p.call.reachableAs()) ?? undefined),
    async join(participation) {
      await p2p.call.configure(participation)
      await eventually('everybody is connected directly', async () => {
        const direct = (await p2p.call.connections()).filter((peer) => peer.direct)
        return direct.length === participation.peers.length
      })
    },
    stop: () => supervisor.stop(),
  }
}

/** Resolves when every peer of `participation` is connected directly. */
export async function startP2p(participation: Participation): Promise<P2pActor> {
  const actor = await startP2pActor()
  await actor.join(participation)
  return actor
}
