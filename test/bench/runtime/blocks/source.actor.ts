import { runActor, transfer } from '../../../../supervisor/runtime/actor-side.ts'
import { sink, source } from './blocks.contract.ts'
import { blocksPerSecond, bouncesPerSecond } from './traffic.ts'

runActor(source, (context) => {
  const { call } = context.link(sink)
  return {
    api: {
      run: (inFlight, forMs) =>
        blocksPerSecond((block) => call.take(transfer(block, [block])), inFlight, forMs),
      bounce: (forMs) => bouncesPerSecond((block) => call.pass(transfer(block, [block])), forMs),
    },
  }
})
