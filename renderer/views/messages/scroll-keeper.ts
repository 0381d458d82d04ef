import { onBeforeUnmount, onMounted, shallowRef, type Ref } from 'vue'
import { rowElements } from './row-elements.ts'

/** Closer to the end than this counts as being there, in px. */
const nearEnd = 40

/**
 * Keeps the reader's place in a list that changes above and below: who is at the end stays at the end, and for
 * everyone else the row at the top of the view stays where it is.
 */
export function useScrollKeeper(scroller: Ref<HTMLElement | null>) {
  const atEnd = shallowRef(true)
  /** The sizes at which the place was last known. */
  let settled = { view: 0, content: 0 }
  let anchor: { key: string; top: number } | undefined

  function toEnd(): void {
    const element = scroller.value
    if (!element) return
    element.scrollTop = element.scrollHeight
    atEnd.value = true
    settled = { view: element.clientHeight, content: element.scrollHeight }
  }

  function onScroll(): void {
    const element = scroller.value
    if (!element) return
    const { clientHeight, scrollHeight, scrollTop } = element
    // Where sizes have changed meanwhile, it was that change that scrolled, and not the reader.
    const resized = clientHeight !== settled.view || scrollHeight !== settled.content
    if (atEnd.value && resized) toEnd()
    else atEnd.value = scrollHeight - scrollTop - clientHeight < nearEnd
    settled = { view: clientHeight, content: scrollHeight }
  }

  /** Before the list changes: remembers what is at the top of the view. */
  function remember(): void {
    anchor = undefined
    const element = scroller.value
    if (!element || atEnd.value) return
    const { top } = element.getBoundingClientRect()
    for (const [key, row] of rowElements(element)) {
      const box = row.getBoundingClientRect()
      // A row that waits for the server may be moved, and so may a line: they hold nothing in place.
      if (row.dataset.state !== 'confirmed' || box.bottom <= top) continue
      anchor = { key, top: box.top }
      return
    }
  }

  /** After the list has changed: puts the view back. */
  function restore(): void {
    const element = scroller.value
    if (!element) return
    if (atEnd.value) {
      toEnd()
      return
    }
    const row = anchor && rowElements(element).get(anchor.key)
    if (anchor && row) element.scrollTop += row.getBoundingClientRect().top - anchor.top
  }

  // The view shrinks when the composer grows, and the content grows when a font arrives.
  const sizes = new ResizeObserver(() => {
    if (atEnd.value) toEnd()
  })
  onMounted(() => {
    const element = scroller.value
    if (!element) return
    sizes.observe(element)
    for (const child of element.children) sizes.observe(child)
    toEnd()
  })
  onBeforeUnmount(() => {
    sizes.disconnect()
  })

  return { atEnd, toEnd, onScroll, remember, restore }
}
