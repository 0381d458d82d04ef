import { inspect } from 'node:util'
import type { SeededRandom } from '../support/seeded-random.ts'
import { Unsound } from './judge.ts'
import type { Target } from './target.ts'

/** What happened to the inputs of one target. */
export interface Figures {
  name: string
  accepted: number
  refused: number
  /** The input that took longest, ms. */
  slowestMs: number
  /** In the readers alone, ms. */
  totalMs: number
}

/** Puts so many inputs to the targets, by their shares. @throws Unsound, with what brings the input back */
export async function runFuzz(
  targets: readonly Target[],
  inputs: number,
  random: SeededRandom,
): Promise<Figures[]> {
  const all = targets.reduce((sum, { share }) => sum + share, 0)
  const figures: Figures[] = []
  for (const { name, share, next } of targets) {
    const own = { name, accepted: 0, refused: 0, slowestMs: 0, totalMs: 0 }
    figures.push(own)
    const count = Math.ceil((inputs * share) / all)
    for (let n = 0; n < count; n++) {
      const read = next(random)
      const started = performance.now()
      const taken = await judged(read, `input ${n} of ${name} with the seed ${random.seed}`)
      const ms = performance.now() - started
      own.slowestMs = Math.max(own.slowestMs, ms)
      own.totalMs += ms
      if (taken) own.accepted++
      else own.refused++
    }
  }
  return figures
}

async function judged(read: ReturnType<Target['next']>, what: string): Promise<boolean> {
  try {
    const taken = read()
    // Most answer at once: an await for each of a million takes longer than they do.
    return typeof taken === 'boolean' ? taken : await taken
  } catch (error) {
    throw new Unsound(`${what}: ${inspect(error)}`, { cause: error })
  }
}
