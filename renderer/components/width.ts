import { readonly, shallowRef, watch, type Ref } from 'vue'

/** Follows the inner width of an element, in px; 0 while it is not there. */
export function useWidth(element: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<number>> {
  const width = shallowRef(0)
  watch(
    element,
    (now, _before, onCleanup) => {
      if (!now) return
      const observer = new ResizeObserver(() => (width.value = now.clientWidth))
      observer.observe(now)
      onCleanup(() => {
        observer.disconnect()
      })
    },
    { flush: 'post', immediate: true },
  )
  return readonly(width)
}
