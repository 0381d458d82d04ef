import { onScopeDispose, readonly, shallowRef, type Ref } from 'vue'

/** The wall clock, ticking every second while somebody looks at it. */
export function useNow(): Readonly<Ref<number>> {
  const now = shallowRef(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), 1_000)
  onScopeDispose(() => {
    clearInterval(timer)
  })
  return readonly(now)
}
