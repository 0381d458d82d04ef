const firstCapacity = 1_024

/** Rows from the first to the one before `to`. */
export interface RowSpan {
  from: number
  to: number
}

/**
 * How high each row of a long list is: as measured, or else as estimated. A Fenwick tree over what the measured rows
 * differ from the estimate, so that a row is measured, and found by its offset, in log(rows) steps: a list that keeps
 * the offset of every row has to redo all those below the one that was measured.
 */
export class RowHeights {
  readonly estimate: number
  #count = 0
  #differences = new Float64Array(firstCapacity)
  /** One-based; its length is a power of two and one. */
  #tree = new Float64Array(firstCapacity + 1)

  /** @param estimate height of a row that was never measured, in px */
  constructor(estimate: number) {
    this.estimate = estimate
  }

  get count(): number {
    return this.#count
  }

  /** Of all rows together, in px. */
  get total(): number {
    return this.before(this.#count)
  }

  setCount(count: number): void {
    for (let row = count; row < this.#count; row++) this.set(row, this.estimate)
    if (count > this.#differences.length) this.#grow(count)
    this.#count = count
  }

  /** @returns whether that changed anything */
  set(row: number, height: number): boolean {
    if (row >= this.#count) return false
    const by = height - this.estimate - (this.#differences[row] ?? 0)
    // Less than what a layout rounds away.
    if (Math.abs(by) < 0.02) return false
    this.#differences[row] = height - this.estimate
    for (let node = row + 1; node < this.#tree.length; node += node & -node) this.#add(node, by)
    return true
  }

  /** Height of all rows above `row`, in px. */
  before(row: number): number {
    let sum = row * this.estimate
    for (let node = row; node > 0; node -= node & -node) sum += this.#tree[node] ?? 0
    return sum
  }

  /** The row at `offset` px from the top of the first; the nearest one where that is outside of the list. */
  rowAt(offset: number): number {
    let row = 0
    let left = offset
    for (let step = this.#tree.length - 1; step >= 1; step /= 2) {
      const node = row + step
      if (node > this.#count) continue
      const height = step * this.estimate + (this.#tree[node] ?? 0)
      if (height > left) continue
      row = node
      left -= height
    }
    return Math.max(0, Math.min(row, this.#count - 1))
  }

  #add(node: number, by: number): void {
    this.#tree[node] = (this.#tree[node] ?? 0) + by
  }

  #grow(count: number): void {
    let capacity = this.#differences.length
    while (capacity < count) capacity *= 2
    const differences = new Float64Array(capacity)
    differences.set(this.#differences)
    this.#differences = differences
    this.#tree = new Float64Array(capacity + 1)
    for (let node = 1; node <= capacity; node++) {
      this.#add(node, differences[node - 1] ?? 0)
      const above = node + (node & -node)
      if (above <= capacity) this.#add(above, this.#tree[node] ?? 0)
    }
  }
}
