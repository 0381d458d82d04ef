import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'
import type { RowSpan } from './row-heights.ts'

/** What takes no longer than this to come shows nothing of its being on the way, in ms. */
const patience = 300

export interface Settled {
  /**
   * Whether the rows that are drawn have been there for a moment. It is not so just after a leap to other rows, and
   * all the while that somebody drags the scrollbar: then there are new ones with every frame.
   */
  settled: Readonly<Ref<boolean>>
  watchLeaps: (rendered: () => RowSpan) => void
}

export function useSettled(): Settled {
  const settled = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function watchLeaps(rendered: () => RowSpan): void {
    watch(
      rendered,
      (now, last) => {
        if (last && now.to > last.from && now.from < last.to) return
        settled.value = false
        clearTimeout(timer)
        timer = setTimeout(() => (settled.value = true), patience)
      },
      { immediate: true },
    )
  }
  onScopeDispose(() => {
    clearTimeout(timer)
  })

  return { settled: readonly(settled), watchLeaps }
}
