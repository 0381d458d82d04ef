import type { LogRange } from '../../../shared/bridge.ts'

/** A part of a bar, in percent of it. */
export interface Segment {
  from: number
  width: number
}

/** A gap narrower than this is not seen, in percent; however small, the first and the last one are. */
const finest = 0.25

/** How a bar over places 1 to `head` is filled. What is too close together to be seen apart is one segment. */
export function segmentsOf(held: readonly LogRange[], head: number): Segment[] {
  const segments: Segment[] = []
  for (const { from, to } of held) {
    const start = (100 * (from - 1)) / head
    const end = (100 * Math.min(to, head)) / head
    const last = segments.at(-1)
    if (last && start - last.from - last.width < finest) last.width = end - last.from
    else segments.push({ from: start, width: end - start })
  }
  // Something is here, and something is not: neither is too little to be seen.
  return segments.map(({ from, width }) => ({ from, width: Math.max(width, finest) }))
}
