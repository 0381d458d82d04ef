import type { LogRange } from '../../shared/bridge.ts'
import type { Database } from '../../shared/store/database.ts'

/** Which places of each channel's log are on this device. Written in the transaction that keeps the messages. */
export class HeldRanges {
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database) {
    this.#statements = prepare(database)
  }

  /** Ascending; they neither touch nor overlap. */
  of(channel: string): LogRange[] {
    return this.#statements.all.all(channel)
  }

  /** The highest place that is here; 0 for none. */
  highest(channel: string): number {
    return this.#statements.highest.get(channel)?.high ?? 0
  }

  add(channel: string, { from, to }: LogRange): void {
    const touching = this.#statements.touching.all(channel, to + 1, from - 1)
    const low = Math.min(from, ...touching.map((range) => range.from))
    const high = Math.max(to, ...touching.map((range) => range.to))
    if (touching.length === 1 && touching[0]?.from === low && touching[0].to === high) return
    this.#statements.removeTouching.run(channel, to + 1, from - 1)
    this.#statements.insert.run(channel, low, high)
  }

  /** Forgets every place from `seq` on. */
  cut(channel: string, seq: number): void {
    this.#statements.removeFrom.run(channel, seq)
    this.#statements.shorten.run(seq - 1, channel, seq)
  }
}

/** The places from 1 to `head` that are not in `held`, ascending. */
export function gapsIn(held: readonly LogRange[], head: number): LogRange[] {
  const gaps: LogRange[] = []
  let next = 1
  for (const { from, to } of held) {
    if (from > head) break
    if (from > next) gaps.push({ from: next, to: from - 1 })
    next = to + 1
  }
  if (next <= head) gaps.push({ from: next, to: head })
  return gaps
}

function prepare(database: Database) {
  const touching = `channel = ? AND low <= ? AND high >= ?`
  return {
    all: database.prepare<[string], LogRange>(
      `SELECT low AS "from", high AS "to" FROM held WHERE channel = ? ORDER BY low`,
    ),
    highest: database.prepare<[string], { high: number | null }>(
      `SELECT max(high) AS high FROM held WHERE channel = ?`,
    ),
    touching: database.prepare<[string, number, number], LogRange>(
      `SELECT low AS "from", high AS "to" FROM held WHERE ${touching}`,
    ),
    removeTouching: database.prepare<[string, number, number]>(`DELETE FROM held WHERE ${touching}`),
    insert: database.prepare<[string, number, number]>(`INSERT INTO held VALUES (?, ?, ?)`),
    removeFrom: database.prepare<[string, number]>(`DELETE FROM held WHERE channel = ? AND low >= ?`),
    shorten: database.prepare<[number, string, number]>(
      `UPDATE held SET high = ? WHERE channel = ? AND high >= ?`,
    ),
  }
}
