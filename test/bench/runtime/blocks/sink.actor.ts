import { runActor, transfer } from '../../../../supervisor/runtime/actor-side.ts'
import { sink } from './blocks.contract.ts'

runActor(sink, () => ({
  api: {
    take: async (block) => block.byteLength,
    pass: async (block) => transfer(block, [block]),
  },
}))
