import type { ActorView } from '../../shared/bridge.ts'

/** How far back CPU is remembered, ms. */
export const historyMs = 60_000

export interface CpuPoint {
  readonly at: number
  readonly percent: number
}

/** CPU of the last minute by actor, oldest first. Never changed in place. */
export type CpuHistory = ReadonlyMap<string, readonly CpuPoint[]>

/** Takes what the actors last said of themselves. Who is gone is forgotten. */
export function withVitals(history: CpuHistory, list: readonly ActorView[], now: number): CpuHistory {
  return new Map(
    list.map(({ name, vitals }) => {
      const points = (history.get(name) ?? []).filter(({ at }) => now - at <= historyMs)
      if (vitals && vitals.at > (points.at(-1)?.at ?? 0))
        points.push({ at: vitals.at, percent: vitals.cpuPercent })
      return [name, points]
    }),
  )
}

const scales = [10, 25, 50, 100, 150, 200, 300, 400, 600, 800]

/** The top of the scale that all actors share, in percent: a round figure, so that it seldom changes. */
export function sharedScale(history: CpuHistory): number {
  let highest = 0
  for (const points of history.values())
    for (const { percent } of points) highest = Math.max(highest, percent)
  return scales.find((scale) => scale >= highest) ?? Math.ceil(highest / 100) * 100
}
