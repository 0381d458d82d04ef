import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'
import { errorMessage } from '../../shared/errors.ts'
import { useBridge } from '../bridge/current.ts'
import { useActors } from './actors.ts'
import { restartSoFar, type Asked, type Part } from './restart-so-far.ts'

/** Restarts p2p or link alone. */
export const usePartRestart = defineStore('part-restart', () => {
  const bridge = useBridge()
  const actors = useActors()
  const asked = shallowReactive(new Map<Part, Asked>())
  const restarts = computed(
    () => new Map([...asked].map(([part, about]) => [part, restartSoFar(part, about, actors.list)])),
  )

  async function restart(part: Part): Promise<void> {
    const before = new Map(actors.list.map(({ name, since }) => [name, since]))
    const about: Asked = { at: Date.now(), before, failure: undefined }
    asked.set(part, about)
    try {
      await bridge.invoke('connection.restart', { part })
      await actors.refresh()
    } catch (error) {
      asked.set(part, { ...about, failure: errorMessage(error) })
    }
  }

  return { restarts, restart }
})
