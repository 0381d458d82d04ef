import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RowHeights } from '../../../../renderer/views/messages/row-heights.ts'
import { seededRandom } from '../../../support/seeded-random.ts'

const rows = suite('heights of rows')

/** The same by adding up, one row after the other. */
class Sums {
  readonly heights: number[]

  constructor(count: number, estimate: number) {
    this.heights = Array.from({ length: count }, () => estimate)
  }

  before(row: number): number {
    return this.heights.slice(0, row).reduce((sum, height) => sum + height, 0)
  }

  rowAt(offset: number): number {
    let top = 0
    const found = this.heights.findIndex((height) => (top += height) > offset)
    return found < 0 ? this.heights.length - 1 : found
  }
}

rows('are those measured, and else the estimate, whatever is measured in whatever order', () => {
  const random = seededRandom()
  const heights = new RowHeights(40)
  for (const count of [1, 7, 1_024, 1_025, 3_000]) {
    heights.setCount(count)
    const sums = new Sums(count, 40)
    for (let row = 0; row < count; row++) sums.heights[row] = heights.before(row + 1) - heights.before(row)
    for (let n = 0; n < 200; n++) {
      const row = random.below(count)
      const height = 10 + random.below(90)
      heights.set(row, height)
      sums.heights[row] = height
    }
    assert.is(heights.total, sums.before(count))
    for (let n = 0; n < 50; n++) {
      const row = random.below(count)
      assert.is(heights.before(row), sums.before(row))
      const offset = random.below(heights.total)
      assert.is(heights.rowAt(offset), sums.rowAt(offset), `the row at ${offset} px of ${count} rows`)
    }
  }
})

rows('end at the first and the last, however far beyond is asked for', () => {
  const heights = new RowHeights(40)
  assert.is(heights.rowAt(100), 0)
  heights.setCount(10)
  assert.is(heights.rowAt(-600), 0)
  assert.is(heights.rowAt(400), 9)
  assert.is(heights.rowAt(1e9), 9)
})

rows('are forgotten with the row', () => {
  const heights = new RowHeights(40)
  heights.setCount(3)
  heights.set(2, 90)
  heights.setCount(2)
  heights.setCount(3)
  assert.is(heights.total, 120)
  assert.is(heights.set(3, 50), false)
})

rows('say whether a measurement was news', () => {
  const heights = new RowHeights(40)
  heights.setCount(2)
  assert.is(heights.set(0, 40), false)
  assert.is(heights.set(0, 55), true)
  assert.is(heights.set(0, 55.01), false)
})

rows.run()
