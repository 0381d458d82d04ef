import { defineStore } from 'pinia'
import { computed } from 'vue'
import type { KeyChange } from '../../shared/bridge.ts'
import { useBridge } from '../bridge/current.ts'
import { mirror } from './mirror.ts'

/** Keys of others that nobody here has accepted. */
export const useKeyChanges = defineStore('key-changes', () => {
  const bridge = useBridge()
  const { value, hear, refresh, forget } = mirror(() => bridge.invoke('keys.changes', {}))
  const list = computed(() => value.value ?? [])

  /** Whoever it is said to belong to was asked, and uses it. */
  async function accept({ account, key }: KeyChange): Promise<void> {
    await bridge.invoke('keys.accept', { account: account.id, key })
    // What is said of it from here on comes as an event; this one is done with.
    hear(list.value.filter((change) => change.key !== key))
  }

  return { list, hear, refresh, forget, accept }
})
