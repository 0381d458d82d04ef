import { runActor } from '../../supervisor/runtime/actor-side.ts'
import { p2pContract } from './contract.ts'
import { createNode } from './node.ts'
import { Participant } from './participant.ts'

/** Loads node-datachannel, which takes its whole process down when it is ended: run it as a process. */
runActor(p2pContract, async ({ init, emit }) => {
  const node = await createNode(init)
  const participant = new Participant(node, emit)
  await participant.start()
  return {
    api: {
      reachableAs: async () => participant.reachableAs,
      configure: async (participation) => participant.configure(participation),
      publish: async ({ channel, envelope }) => ({ peers: await participant.publish(channel, envelope) }),
      connections: async () => participant.connections,
      ask: async ({ peer, request }) => participant.ask(peer, request),
      answer: async ({ id, answer }) => participant.answer(id, answer),
    },
    async stop() {
      await participant.stop()
      await node.stop()
    },
  }
})
