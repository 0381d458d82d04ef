/** Never smaller; a power of two. */
const fewestSlots = 64

/**
 * Calls under way by their numbers, which only grow. It does what a `Map` would, and does not keep garbage alive: a Map
 * moves to a new table every few dozen calls, and each old table refers to the next. Once a collection of all garbage
 * has moved one of them to the old generation, every later one is kept with the calls in it until the next such
 * collection. Measured on a busy actor: 160 MB instead of 15, and a quarter fewer calls per second.
 *
 * A number has its slot; should that be taken by a call that has been under way for long, that one moves aside.
 */
export class CallTable<Call> {
  #numbers: (number | undefined)[] = Array.from({ length: fewestSlots })
  #calls: (Call | undefined)[] = Array.from({ length: fewestSlots })
  readonly #aside = new Map<number, Call>()
  #inSlots = 0

  get size(): number {
    return this.#inSlots + this.#aside.size
  }

  get(number: number): Call | undefined {
    const slot = this.#slotOf(number)
    return this.#numbers[slot] === number ? this.#calls[slot] : this.#aside.get(number)
  }

  /** @param number greater than any before */
  add(number: number, call: Call): void {
    if (2 * this.#inSlots >= this.#numbers.length) this.#grow()
    this.#put(number, call)
  }

  delete(number: number): void {
    const slot = this.#slotOf(number)
    if (this.#numbers[slot] !== number) return void this.#aside.delete(number)
    this.#numbers[slot] = undefined
    this.#calls[slot] = undefined
    this.#inSlots--
  }

  clear(): void {
    for (const [number] of this.entries) this.delete(number)
  }

  /** All that are under way now, oldest first. */
  get entries(): [number: number, call: Call][] {
    const entries = [...this.#aside, ...this.#slotEntries()]
    return entries.sort(([a], [b]) => a - b)
  }

  #slotOf(number: number): number {
    return number % this.#numbers.length
  }

  #put(number: number, call: Call): void {
    const slot = this.#slotOf(number)
    const [before, older] = [this.#numbers[slot], this.#calls[slot]]
    if (before === undefined || older === undefined) this.#inSlots++
    else this.#aside.set(before, older)
    this.#numbers[slot] = number
    this.#calls[slot] = call
  }

  #grow(): void {
    const entries = this.#slotEntries()
    const length = 2 * this.#numbers.length
    this.#numbers = Array.from({ length })
    this.#calls = Array.from({ length })
    this.#inSlots = 0
    for (const [number, call] of entries) this.#put(number, call)
  }

  #slotEntries(): [number: number, call: Call][] {
    return this.#numbers.flatMap((number, slot): [number, Call][] => {
      const call = this.#calls[slot]
      return number === undefined || call === undefined ? [] : [[number, call]]
    })
  }
}
