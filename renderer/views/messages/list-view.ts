import {
  computed,
  nextTick,
  onBeforeUnmount,
  onMounted,
  shallowRef,
  triggerRef,
  watch,
  type ComputedRef,
  type Ref,
} from 'vue'
import { ReadingPlace, type View } from './reading-place.ts'
import { RowHeights, type RowSpan } from './row-heights.ts'

/** Height of a row that was never measured, in px; `skeleton-row.vue` has the same. */
export const estimatedHeight = 40
/** The first and the last of them are multiples of this, so that they do not change with every pixel. */
const step = 8

export interface ListViewInit {
  scroller: Readonly<Ref<HTMLElement | null>>
  /** The element whose children are the rows, each with its place in the list as `data-row`. */
  list: Readonly<Ref<HTMLElement | null>>
  count: () => number
  /** How far beyond the view rows are in the document, in px. */
  margin: () => number
}

export interface ListView {
  /** Which rows are in the document. */
  rendered: ComputedRef<RowSpan>
  /** Heights of all rows before and after those, in px. */
  space: ComputedRef<{ before: number; after: number }>
  /** Which rows are seen. */
  seen: ComputedRef<RowSpan>
  atEnd: Readonly<Ref<boolean>>
  toEnd: () => void
  /** Shows `row` at `below` px from the top of the view. */
  toRow: (row: number, below?: number) => void
  /** What is seen now is where the reader is: at the end, where the row that was gone to is in sight of it. */
  rest: () => void
  /** The view may have been scrolled. */
  onScroll: () => void
  /** The document has changed: measures the rows and puts the view back. */
  onUpdated: () => void
}

/**
 * Shows a long list by those of its rows that are near the view. The rest is empty space of the height that they have
 * or may have.
 */
export function useListView({ scroller, list, count, margin }: ListViewInit): ListView {
  /** Triggered by hand, whenever one of them has changed. */
  const heights = shallowRef(new RowHeights(estimatedHeight))
  const place = new ReadingPlace(heights.value)
  const atEnd = shallowRef(true)
  /** Where the rows are to be drawn for; the element follows as soon as it is high enough. */
  const top = shallowRef(0)
  const height = shallowRef(0)
  const rowsTop = shallowRef(0)
  /** What the element was scrolled to when it was last looked at. */
  let scrolledTo = 0

  watch(
    count,
    (now) => {
      heights.value.setCount(now)
      triggerRef(heights)
      aim()
    },
    { immediate: true, flush: 'sync' },
  )

  /** The row at `offset` px from the top of the view. */
  const rowAt = (offset: number) => heights.value.rowAt(top.value - rowsTop.value + offset)
  // Numbers rather than objects, so that what depends on them is not done anew with every pixel.
  const from = computed(() => Math.floor(rowAt(-margin()) / step) * step)
  const to = computed(() => Math.min(count(), Math.ceil((rowAt(height.value + margin()) + 1) / step) * step))
  const rendered = computed(() => ({ from: Math.min(from.value, to.value), to: to.value }))
  const space = computed(() => ({
    before: heights.value.before(rendered.value.from),
    after: heights.value.total - heights.value.before(rendered.value.to),
  }))
  const seenFrom = computed(() => rowAt(0))
  const seenTo = computed(() => Math.min(count(), rowAt(height.value) + 1))
  const seen = computed(() => ({ from: seenFrom.value, to: seenTo.value }))

  function viewOf(element: HTMLElement): View {
    return {
      top: element.scrollTop,
      height: element.clientHeight,
      content: element.scrollHeight,
      rowsTop: list.value?.offsetTop ?? 0,
    }
  }

  function take(view: View): void {
    scrolledTo = view.top
    top.value = view.top
    height.value = view.height
    rowsTop.value = view.rowsTop
    atEnd.value = place.atEnd
  }

  /** Draws the rows that are where the reader is, before the element can be scrolled there. */
  function aim(): void {
    const content = rowsTop.value + heights.value.total
    top.value = place.target({ height: height.value, content, rowsTop: rowsTop.value })
    atEnd.value = place.atEnd
  }

  /** Scrolls to where the reader is. */
  function apply(): void {
    const element = scroller.value
    if (!element) return
    const target = place.target(viewOf(element))
    if (Math.abs(element.scrollTop - target) >= 0.5) element.scrollTop = target
    const view = viewOf(element)
    place.settled(view)
    take(view)
  }

  /** Takes the reader's place from the element, where it is not at what `apply` has set. */
  function follow(): void {
    const element = scroller.value
    if (!element || Math.abs(element.scrollTop - scrolledTo) < 1) return
    const view = viewOf(element)
    place.scrolledTo(view)
    take(view)
  }

  function onScroll(): void {
    follow()
    if (place.atEnd) apply()
  }

  function measure(): void {
    let changed = false
    for (const row of list.value?.children ?? []) {
      if (!(row instanceof HTMLElement) || row.dataset.row === undefined) continue
      const { height: now } = row.getBoundingClientRect()
      changed = heights.value.set(Number(row.dataset.row), now) || changed
    }
    if (changed) triggerRef(heights)
  }

  function onUpdated(): void {
    measure()
    // The event of a scroll may come after this, and the scroll would be undone.
    follow()
    apply()
  }

  function toEnd(): void {
    place.toEnd()
    go()
  }

  function toRow(row: number, below = 0): void {
    place.toRow(row, below)
    go()
  }

  function rest(): void {
    const element = scroller.value
    if (!element) return
    const view = viewOf(element)
    place.scrolledTo(view)
    take(view)
  }

  function go(): void {
    aim()
    // The rows may be there already, and then nothing else calls for it.
    void nextTick(onUpdated)
  }

  // The view shrinks when the composer grows, and rows change when a font arrives or the window becomes narrower.
  const sizes = new ResizeObserver(onUpdated)
  onMounted(() => {
    if (scroller.value) sizes.observe(scroller.value)
    if (list.value) sizes.observe(list.value)
    onUpdated()
  })
  onBeforeUnmount(() => {
    sizes.disconnect()
  })

  return { rendered, space, seen, atEnd, toEnd, toRow, rest, onScroll, onUpdated }
}
