import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { FaultName } from '../../shared/bridge.ts'
import { useBridge } from '../bridge/current.ts'
import { asTree } from './actor-tree.ts'
import { sharedScale, withVitals, type CpuHistory } from './cpu-history.ts'
import { mirror } from './mirror.ts'

/** The parts that the app is made of, each supervised on its own. */
export const useActors = defineStore('actors', () => {
  const bridge = useBridge()
  const { value, failure, hear, refresh } = mirror(() => bridge.invoke('actors.list', {}))
  const list = computed(() => value.value ?? [])
  /** Without those who supervise. */
  const actors = computed(() => list.value.filter(({ kind }) => kind === 'actor'))
  const tree = computed(() => asTree(list.value))

  /** When the list was last heard, ms since the epoch. */
  const heardAt = shallowRef(0)
  const history = shallowRef<CpuHistory>(new Map())
  const cpuScale = computed(() => sharedScale(history.value))

  watch(
    list,
    (now) => {
      heardAt.value = Date.now()
      history.value = withVitals(history.value, now, heardAt.value)
    },
    { flush: 'sync' },
  )

  async function kill(name: string): Promise<void> {
    await bridge.invoke('actors.kill', { name })
  }

  /** Tries an actor again that was given up. */
  async function restart(name: string): Promise<void> {
    await bridge.invoke('actors.restart', { name })
  }

  async function inflict(name: string, fault: FaultName): Promise<void> {
    await bridge.invoke('actors.fault', { name, fault })
  }

  return {
    ...{ list, actors, tree, failure, hear, refresh },
    ...{ heardAt, history, cpuScale },
    ...{ kill, restart, inflict },
  }
})
