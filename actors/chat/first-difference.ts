import type { LogRange } from '../../shared/bridge.ts'
import { limits } from '../../shared/limits.ts'

/**
 * Finds where two logs part. Logs that differ at a place differ at all that follow, since a digest stands for everything
 * before it; so the first difference is found by bisection, with as many places in one question as are allowed:
 * a million places take four questions.
 * @param held the places to compare
 * @param differ asks about places, ascending
 * @returns the first of `held` at which the logs differ, or undefined
 */
export async function firstDifference(
  held: readonly LogRange[],
  differ: (seqs: readonly number[]) => Promise<readonly boolean[]>,
): Promise<number | undefined> {
  const count = held.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  // All before `low` are known to be the same, all from `high` on to differ.
  let [low, high] = [0, count]
  while (low < high) {
    const asked = spread(low, high - 1)
    const answers = await differ(asked.map((index) => placeAt(held, index)))
    const first = answers.indexOf(true)
    if (first < 0) low = (asked.at(-1) ?? high) + 1
    else {
      high = asked[first] ?? low
      low = first === 0 ? low : (asked[first - 1] ?? low) + 1
    }
  }
  return low < count ? placeAt(held, low) : undefined
}

/** Numbers from `low` to `high`, both among them, evenly spread. */
function spread(low: number, high: number): number[] {
  const count = Math.min(limits.digestsAtOnce, high - low + 1)
  if (count === 1) return [high]
  return Array.from({ length: count }, (_, n) => Math.round(low + (n * (high - low)) / (count - 1)))
}

function placeAt(held: readonly LogRange[], index: number): number {
  let left = index
  for (const { from, to } of held) {
    if (from + left <= to) return from + left
    left -= to - from + 1
  }
  throw new RangeError(`There is no place ${index}`)
}
