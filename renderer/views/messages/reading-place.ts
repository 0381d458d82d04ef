import type { RowHeights } from './row-heights.ts'

/** Closer to the end than this counts as being there, in px. */
const nearEnd = 40

/** What is seen of the list. All in px. */
export interface View {
  /** How far it is scrolled. */
  top: number
  height: number
  /** Height of everything that can be scrolled. */
  content: number
  /** How far below the top of the content the first row begins. */
  rowsTop: number
}

interface Anchor {
  row: number
  /** How far the top of the view lies below the top of the row, in px. */
  into: number
}

/**
 * Where the reader is: at the end, or at a row. That stays as it is while rows get their heights, above as below, and
 * only scrolling moves it. What the view is scrolled to follows from it, never the other way round.
 */
export class ReadingPlace {
  readonly #heights: RowHeights
  #anchor: Anchor | undefined
  /** The view at which the place was last known. */
  #known: View | undefined

  constructor(heights: RowHeights) {
    this.#heights = heights
  }

  get atEnd(): boolean {
    return this.#anchor === undefined
  }

  /** The view has scrolled: takes the place from it, where that was the reader's doing. */
  scrolledTo(view: View): void {
    const known = this.#known
    this.#known = view
    const left = view.content - view.top - view.height
    // Where sizes have changed, it is that change that has scrolled a reader who was at the end, or who is at what has
    // become the end.
    const resized = known?.height !== view.height || known.content !== view.content
    if (resized && (this.atEnd || left < 1)) return
    if (left < nearEnd) this.#anchor = undefined
    else this.#anchor = this.#anchorAt(view.top - view.rowsTop)
  }

  toEnd(): void {
    this.#anchor = undefined
  }

  /** Puts `row` at `below` px from the top of the view. */
  toRow(row: number, below = 0): void {
    this.#anchor = { row, into: -below }
  }

  /** The view was put where the place is: a change of its size from here on is no scrolling. */
  settled(view: View): void {
    this.#known = view
  }

  /** What the view is to be scrolled to. */
  target(view: Omit<View, 'top'>): number {
    const most = Math.max(0, view.content - view.height)
    const anchor = this.#anchor
    if (!anchor) return most
    const top = view.rowsTop + this.#heights.before(anchor.row) + anchor.into
    return Math.max(0, Math.min(top, most))
  }

  #anchorAt(offset: number): Anchor {
    const row = this.#heights.rowAt(offset)
    return { row, into: offset - this.#heights.before(row) }
  }
}
