import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ReadingPlace, type View } from '../../../../renderer/views/messages/reading-place.ts'
import { RowHeights } from '../../../../renderer/views/messages/row-heights.ts'

const places = suite('the reader’s place')

/** A list in a view of 500 px, with 20 px above its first row, as a browser would scroll it. */
class Scroller {
  readonly heights = new RowHeights(40)
  readonly place = new ReadingPlace(this.heights)
  top = 0
  height = 500

  constructor(count: number) {
    this.heights.setCount(count)
    this.layOut()
  }

  view(): View {
    const content = 20 + this.heights.total
    this.top = Math.max(0, Math.min(this.top, content - this.height))
    return { top: this.top, height: this.height, content, rowsTop: 20 }
  }

  scroll(top: number): void {
    this.top = top
    this.place.scrolledTo(this.view())
  }

  /** Sizes have changed: the view is put back. */
  layOut(): void {
    this.top = this.place.target(this.view())
    this.place.settled(this.view())
  }

  /** Where a row is, from the top of the view. */
  positionOf(row: number): number {
    return 20 + this.heights.before(row) - this.top
  }

  get fromEnd(): number {
    return 20 + this.heights.total - this.height - this.top
  }
}

places('is the end at first, and stays there while rows come and get their heights', () => {
  const scroller = new Scroller(1_000)
  assert.is(scroller.fromEnd, 0)
  scroller.heights.setCount(1_001)
  scroller.layOut()
  assert.is(scroller.fromEnd, 0)
  for (let row = 985; row < 1_001; row++) scroller.heights.set(row, 90)
  scroller.layOut()
  assert.is(scroller.fromEnd, 0)
  scroller.height = 300
  scroller.layOut()
  assert.is(scroller.fromEnd, 0)
})

places('does not move while rows above it and in sight get their heights', () => {
  const scroller = new Scroller(100_000)
  scroller.scroll(2_000_013)
  const row = scroller.heights.rowAt(scroller.top - 20)
  const at = scroller.positionOf(row)
  for (let above = row - 30; above < row; above++) scroller.heights.set(above, 24 + (above % 5) * 20)
  scroller.layOut()
  assert.is(scroller.positionOf(row), at)
  scroller.heights.set(row + 3, 200)
  scroller.heights.setCount(100_005)
  scroller.layOut()
  assert.is(scroller.positionOf(row), at)
  assert.not(scroller.place.atEnd)
})

places('is still the end where a change of size has scrolled, and not the reader', () => {
  const scroller = new Scroller(1_000)
  scroller.heights.setCount(1_010)
  // The browser tells of a scroll before the list was put back to its end.
  scroller.scroll(scroller.top - 100)
  assert.ok(scroller.place.atEnd)
})

places('follows a reader who scrolled while sizes changed, and not a view that became too short', () => {
  const scroller = new Scroller(1_000)
  scroller.scroll(20_000)
  scroller.heights.set(0, 90)
  scroller.scroll(400)
  scroller.layOut()
  assert.is(scroller.top, 400)
  scroller.heights.setCount(500)
  scroller.scroll(39_000)
  assert.is(scroller.fromEnd, 0)
  scroller.layOut()
  assert.is(scroller.top, 400)
})

places('is left by scrolling up, and found again by scrolling down', () => {
  const scroller = new Scroller(1_000)
  scroller.scroll(scroller.top - 41)
  assert.not(scroller.place.atEnd)
  scroller.scroll(scroller.top + 41)
  assert.ok(scroller.place.atEnd)
})

places('can be any row, and is kept at it while the rows around it come in', () => {
  const scroller = new Scroller(100_000)
  scroller.place.toRow(50_000, 72)
  scroller.layOut()
  assert.is(scroller.positionOf(50_000), 72)
  for (let row = 49_960; row < 50_040; row++) scroller.heights.set(row, 24 + (row % 3) * 31)
  scroller.layOut()
  assert.is(scroller.positionOf(50_000), 72)
})

places('is never outside of the list', () => {
  const scroller = new Scroller(1_000)
  scroller.place.toRow(0, Infinity)
  scroller.layOut()
  assert.is(scroller.top, 0)
  scroller.place.toRow(999, 72)
  scroller.layOut()
  assert.is(scroller.fromEnd, 0)
})

places.run()
