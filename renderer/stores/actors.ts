import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useBridge } from '../bridge/current.ts'
import { mirror } from './mirror.ts'

/** The parts that the app is made of, each supervised on its own. */
export const useActors = defineStore('actors', () => {
  const bridge = useBridge()
  const { value, failure, hear, refresh } = mirror(() => bridge.invoke('actors.list', {}))
  const list = computed(() => value.value ?? [])

  async function kill(name: string): Promise<void> {
    await bridge.invoke('actors.kill', { name })
  }

  /** Tries an actor again that was given up. */
  async function restart(name: string): Promise<void> {
    await bridge.invoke('actors.restart', { name })
  }

  return { list, failure, hear, refresh, kill, restart }
})
