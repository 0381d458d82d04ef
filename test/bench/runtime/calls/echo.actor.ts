import { runActor } from '../../../../supervisor/runtime/actor-side.ts'
import { echo } from './echo.contract.ts'

runActor(echo, () => {
  let taken = 0
  return {
    api: {
      echo: async (value) => value,
      async take() {
        taken++
      },
      async count() {
        const since = taken
        taken = 0
        return since
      },
    },
  }
})
