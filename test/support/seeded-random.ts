/** Random numbers that a printed seed brings back. */
export interface SeededRandom {
  seed: number
  /** 0 to 1, the 1 not included. */
  next(): number
  /** A whole number from 0 up to `below`, which is not included. */
  below(below: number): number
}

/** T. Ettinger's mulberry32: 32 bits of state, enough for tests. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Takes the given seed, else that of the environment variable `SEED`, else one from the clock, and prints it. */
export function seededRandom(given?: number): SeededRandom {
  const seed = given ?? Number(process.env['SEED'] ?? Date.now() % 2 ** 32)
  console.log(`seed: ${seed} (SEED=${seed} repeats this run)`)
  const next = mulberry32(seed)
  return { seed, next, below: (below) => Math.floor(next() * below) }
}
