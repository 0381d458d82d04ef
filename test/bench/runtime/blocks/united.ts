import { childSpec, Supervisor } from '../../../../supervisor/runtime/index.ts'
import type { Contender } from '../contender.ts'
import { inFlight } from '../load.ts'
import { sink, source } from './blocks.contract.ts'
import { few } from './traffic.ts'

/** Ours: two linked actors, each on a thread. */
export async function start(): Promise<Contender> {
  const supervisor = new Supervisor()
  await supervisor.start([
    childSpec({ contract: sink, entry: new URL('./sink.actor.ts', import.meta.url) }),
    childSpec({ contract: source, entry: new URL('./source.actor.ts', import.meta.url), links: ['sink'] }),
  ])
  const { call } = supervisor.ref(source)
  return {
    measures: {
      blocks: (forMs) => call.run(inFlight, forMs),
      fewBlocks: (forMs) => call.run(few, forMs),
      bounces: (forMs) => call.bounce(forMs),
    },
    stop: () => supervisor.stop(),
  }
}
