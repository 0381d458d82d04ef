import { onScopeDispose, readonly, shallowRef, type Ref } from 'vue'

/** Whether somebody is at this window: it is visible, and what is typed goes to it. */
export function useAttention(): Readonly<Ref<boolean>> {
  const isHere = () => document.visibilityState === 'visible' && document.hasFocus()
  const here = shallowRef(isHere())
  const look = () => (here.value = isHere())
  const ending = new AbortController()
  document.addEventListener('visibilitychange', look, { signal: ending.signal })
  for (const event of ['focus', 'blur']) window.addEventListener(event, look, { signal: ending.signal })
  onScopeDispose(() => {
    ending.abort()
  })
  return readonly(here)
}
