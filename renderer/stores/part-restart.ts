import { defineStore } from 'pinia'
import { shallowReactive, watch } from 'vue'
import { errorMessage } from '../../shared/errors.ts'
import { useBridge } from '../bridge/current.ts'
import { useActors } from './actors.ts'
import { restartSoFar, type Asked, type Part, type PartRestart } from './restart-so-far.ts'

/** Restarts p2p or link alone. */
export const usePartRestart = defineStore('part-restart', () => {
  const bridge = useBridge()
  const actors = useActors()
  const asked = shallowReactive(new Map<Part, Asked>())
  const restarts = shallowReactive(new Map<Part, PartRestart>())

  // Until it is back: what goes down later has nothing to do with it.
  watch([() => actors.list, () => [...asked]], ([list, all]) => {
    for (const [part, about] of all) {
      const soFar = restartSoFar(part, about, list)
      restarts.set(part, soFar)
      if (soFar.awayMs !== undefined) asked.delete(part)
    }
  })

  async function restart(part: Part): Promise<void> {
    const before = new Map(actors.list.map(({ name, since }) => [name, since]))
    const about: Asked = { at: Date.now(), before }
    asked.set(part, about)
    try {
      await bridge.invoke('connection.restart', { part })
      await actors.refresh()
    } catch (error) {
      asked.delete(part)
      restarts.set(part, { ...restartSoFar(part, about, actors.list), failure: errorMessage(error) })
    }
  }

  return { restarts, restart }
})
