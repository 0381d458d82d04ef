import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useBridge } from '../bridge/current.ts'
import { mirror } from './mirror.ts'

/** The way to the coordination server. */
export const useLink = defineStore('link', () => {
  const bridge = useBridge()
  const { value: view, hear, refresh } = mirror(() => bridge.invoke('link.get', {}))

  /** True while attempts fail; a first attempt that is still under way is no news. */
  const cut = computed(() => {
    const link = view.value
    return link?.state === 'offline' || (link?.state === 'connecting' && link.error !== null)
  })

  return { view, cut, hear, refresh }
})
