import { percentile } from '../figures.ts'
import type { ContenderProcess } from './contender-process.ts'

interface Turns {
  /** Not counted: the compiler is still at work. @default 3 */
  warmUpRounds?: number
  /** @default 10 */
  rounds?: number
  /** @default 200 */
  forMs?: number
}

/**
 * All contenders measure the same thing, one after another, round after round. Every other round goes in reverse, so
 * that nobody always comes after the same one.
 * @returns what each measured, by round
 */
export async function takeTurns<Name extends string>(
  contenders: Readonly<Record<Name, ContenderProcess>>,
  measure: string,
  { warmUpRounds = 3, rounds = 10, forMs = 200 }: Turns = {},
): Promise<Record<Name, number>[]> {
  const names = Object.keys(contenders) as Name[]
  const rows: Record<Name, number>[] = []
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const row: Partial<Record<Name, number>> = {}
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      row[name] = await contenders[name].measure(measure, forMs)
    }
    // Every name was measured.
    if (round >= warmUpRounds) rows.push(row as Record<Name, number>)
  }
  return rows
}

/** Of what `name` measured in all rounds. */
export function medianOf<Name extends string>(
  rows: readonly Readonly<Record<Name, number>>[],
  name: Name,
): number {
  return percentile(
    rows.map((row) => row[name]),
    0.5,
  )
}
