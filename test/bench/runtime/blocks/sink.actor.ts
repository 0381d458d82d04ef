import { transfer } from 'comlink'
import { runActor } from '../../../../supervisor/runtime/actor-side.ts'
import { sink } from './blocks.contract.ts'

runActor(sink, () => ({ api: { pass: async (block) => transfer(block, [block]) } }))
