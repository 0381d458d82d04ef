import { transfer } from 'comlink'
import { runActor } from '../../../../supervisor/runtime/actor-side.ts'
import { sink, source } from './blocks.contract.ts'
import { blocksPerSecond } from './traffic.ts'

runActor(source, (context) => {
  const { call } = context.link(sink)
  return {
    api: {
      run: (forMs) => blocksPerSecond((block) => call.pass(transfer(block, [block])), forMs),
    },
  }
})
