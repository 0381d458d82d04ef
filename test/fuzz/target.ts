import type { SeededRandom } from '../support/seeded-random.ts'

/** Whether an input was taken; it throws Unsound where neither taking nor refusing it was right. */
export type Taken = boolean | Promise<boolean>

/** Something that reads what others send. */
export interface Target {
  name: string
  /** How many of all inputs it gets, beside the others' shares. */
  share: number
  /** Makes an input. @returns what puts it to the reader, which alone is measured */
  next(random: SeededRandom): () => Taken
  stop?(): Promise<void> | void
}
