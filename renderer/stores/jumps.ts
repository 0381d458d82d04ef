import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Where in the shown channel to go: a place, or its end. */
export interface Jump {
  to: number | 'newest'
}

/** Whatever wants to show a place says so here; the list of messages goes there. */
export const useJumps = defineStore('jumps', () => {
  const last = shallowRef<Jump>()

  function go(to: Jump['to']): void {
    last.value = { to }
  }

  return { last, go }
})
