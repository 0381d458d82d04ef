import { createSystem } from 'comedy'
import type { Contender } from '../contender.ts'
import { callsPerSecond } from '../load.ts'

/** Comedy with its actor on a worker thread. */
export async function start(): Promise<Contender> {
  // What it calls test is its way to say: log nothing.
  const system = createSystem({ test: true })
  const root = await system.rootActor()
  const actor = await root.createChild({ echo: (value: number) => value }, { mode: 'threaded' })
  if (actor.getMode() !== 'threaded') throw new Error('Comedy did not start a thread')
  return {
    measures: { calls: (forMs) => callsPerSecond(() => actor.sendAndReceive('echo', 1), forMs) },
    stop: () => system.destroy(),
  }
}
