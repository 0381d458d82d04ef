import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { LogComparison } from '../../shared/bridge.ts'
import { errorMessage } from '../../shared/errors.ts'
import { useBridge } from '../bridge/current.ts'

/** How the logs of channels compare with those of others, as far as somebody asked. */
export const useComparisons = defineStore('comparisons', () => {
  const bridge = useBridge()
  const last = shallowReactive(new Map<string, LogComparison>())
  const failures = shallowReactive(new Map<string, string>())
  const busy = shallowReactive(new Set<string>())

  async function compare(channel: string): Promise<void> {
    if (busy.has(channel)) return
    busy.add(channel)
    failures.delete(channel)
    try {
      last.set(channel, await bridge.invoke('channels.compare', { channel }))
    } catch (error) {
      failures.set(channel, errorMessage(error))
    } finally {
      busy.delete(channel)
    }
  }

  function forget(): void {
    last.clear()
    failures.clear()
  }

  return { last, failures, busy, compare, forget }
})
