import { seededRandom as seeded } from '../../supervisor/runtime/faults/random.ts'

/** Random numbers that a printed seed brings back. */
export interface SeededRandom {
  seed: number
  /** 0 to 1, the 1 not included. */
  next(): number
  /** A whole number from 0 up to `below`, which is not included. */
  below(below: number): number
}

/** Takes the given seed, else that of the environment variable `SEED`, else one from the clock, and prints it. */
export function seededRandom(given?: number): SeededRandom {
  const seed = given ?? Number(process.env['SEED'] ?? Date.now() % 2 ** 32)
  console.log(`seed: ${seed} (SEED=${seed} repeats this run)`)
  const next = seeded(seed)
  return { seed, next, below: (below) => Math.floor(next() * below) }
}
