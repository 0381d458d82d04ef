import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useBridge } from '../bridge/current.ts'
import { mirror } from './mirror.ts'

/** Everyone online who shares a channel with this account, and how they are reached. */
export const usePeers = defineStore('peers', () => {
  const bridge = useBridge()
  const { value, failure, hear, refresh, forget } = mirror(() => bridge.invoke('peers.list', {}))
  const list = computed(() => value.value ?? [])
  const loaded = computed(() => value.value !== undefined)
  const direct = computed(() => list.value.filter((peer) => peer.transport !== 'none' && peer.direct).length)
  const relayed = computed(
    () => list.value.filter((peer) => peer.transport !== 'none' && !peer.direct).length,
  )

  return { list, loaded, failure, direct, relayed, hear, refresh, forget }
})
