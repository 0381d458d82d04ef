import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { useBridge } from '../bridge/current.ts'
import { useLayout } from './layout.ts'
import { mirror } from './mirror.ts'

/** Messages that did not reach anybody, or whose answers did not. */
export const useDeadLetters = defineStore('dead-letters', () => {
  const bridge = useBridge()
  const layout = useLayout()
  const { value, failure, refresh } = mirror(() => bridge.invoke('actors.deadLetters', {}))

  /** For whom those are that are shown; all of them where nobody is named. */
  const of = shallowRef<string>()
  /** Newest first. */
  const shown = computed(() =>
    (value.value?.recent ?? [])
      .filter(({ actor }) => of.value === undefined || actor === of.value)
      .toReversed(),
  )

  function show(actor?: string): void {
    of.value = actor
    layout.ask('dead-letters')
    void refresh()
  }

  return { view: value, failure, refresh, of, shown, show }
})
