import { createNode, type UnitedNode } from '../../actors/p2p/node.ts'
import { Participant } from '../../actors/p2p/participant.ts'
import type { P2pEvents, Participation, PeerConnection } from '../../actors/p2p/contract.ts'
import { eventually } from './eventually.ts'

/** What is inside the p2p actor, in this process: for tests that have to reach its node, or its clock. */
export interface LooseParticipant {
  node: UnitedNode
  participant: Participant
  peer: string
  heard: Uint8Array[]
  /** Every list of connections that was told. */
  lists: PeerConnection[][]
  /** Resolves when it holds a place at the relay. */
  join(participation: Participation): Promise<void>
  stop(): Promise<void>
}

export async function startParticipant(init = { iceServers: [], lan: false }): Promise<LooseParticipant> {
  const node = await createNode(init)
  const heard: Uint8Array[] = []
  const lists: PeerConnection[][] = []
  const told: { [E in keyof P2pEvents]?: (data: P2pEvents[E]) => void } = {
    gossip: ({ envelope }) => heard.push(envelope),
    connections: (list) => lists.push(list),
  }
  const participant = new Participant(node, (event, data) => told[event]?.(data))
  await participant.start()
  return {
    ...{ node, participant, peer: node.peerId.toString(), heard, lists },
    async join(participation) {
      participant.configure(participation)
      await eventually('a place at the relay', () => participant.reachableAs !== null)
    },
    async stop() {
      await participant.stop()
      await node.stop()
    },
  }
}

/**
 * For the end of a test file. node-datachannel may keep a process up whose connections are all closed; that of an actor
 * is ended from outside.
 */
export function leaveAfterwards(): void {
  setTimeout(() => process.exit(), 2_000).unref()
}
