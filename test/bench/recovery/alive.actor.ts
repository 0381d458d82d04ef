import { runActor } from '../../../supervisor/runtime/actor-side.ts'
import { thread } from './alive.contract.ts'

runActor(thread, ({ incarnation }) => ({ api: { life: async () => incarnation } }))
