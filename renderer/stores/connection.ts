import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Shorter absences than this are not worth a word. In ms. */
const grace = 1_000

/** Whether the host behind the window answers. */
export const useConnection = defineStore('connection', () => {
  const connected = shallowRef(false)
  /** True once the host has been away for longer than a moment. */
  const gone = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function hear(now: boolean): void {
    connected.value = now
    clearTimeout(timer)
    if (now) gone.value = false
    else timer = setTimeout(() => (gone.value = true), grace)
  }

  return { connected, gone, hear }
})
