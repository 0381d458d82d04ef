import type { FlameFrame } from '../../../shared/bridge.ts'

/** A frame in its place in the graph. */
export interface PlacedFrame extends FlameFrame {
  /** Its place in the list of frames. */
  readonly index: number
  /** How many callers are above it. */
  readonly depth: number
  /** Where it begins, in ms from the left edge of the root. */
  readonly from: number
}

/** A part of the graph's width, in ms. */
export interface Stretch {
  readonly from: number
  readonly ms: number
}

/** Puts frames into an icicle: the root on top, each frame below its caller, the longest leftmost. Callers come first. */
export function icicle(frames: readonly FlameFrame[]): PlacedFrame[] {
  const below = new Map<number, number[]>()
  for (const [index, { parent }] of frames.entries()) {
    const siblings = below.get(parent)
    if (siblings) siblings.push(index)
    else below.set(parent, [index])
  }
  const placed: PlacedFrame[] = []
  const waiting: { index: number; depth: number; from: number }[] = []
  const spread = (parent: number, depth: number, start: number) => {
    let from = start
    const children = (below.get(parent) ?? []).sort((a, b) => (frames[b]?.ms ?? 0) - (frames[a]?.ms ?? 0))
    for (const index of children) {
      waiting.push({ index, depth, from })
      from += frames[index]?.ms ?? 0
    }
  }
  spread(-1, 0, 0)
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const frame = frames[next.index]
    if (!frame) continue
    placed.push({ ...frame, ...next })
    spread(next.index, next.depth + 1, next.from)
  }
  return placed.sort((a, b) => a.index - b.index)
}

/** The frames that can be seen when `view` fills the width: those of at least `leastMs` within it. */
export function within(placed: readonly PlacedFrame[], view: Stretch, leastMs: number): PlacedFrame[] {
  const end = view.from + view.ms
  return placed.filter(
    ({ from, ms }) => Math.min(from + ms, end) - Math.max(from, view.from) >= leastMs && ms > 0,
  )
}

/** From the root down to a frame, both included. */
export function pathTo(placed: readonly PlacedFrame[], index: number): PlacedFrame[] {
  const path: PlacedFrame[] = []
  for (let at = placed[index]; at; at = placed[at.parent]) path.unshift(at)
  return path
}

/** Frames whose function or place has `sought` in it. */
export function matching(
  placed: readonly PlacedFrame[],
  sought: string,
  nameOf: (frame: FlameFrame) => string,
): ReadonlySet<number> {
  const part = sought.trim().toLowerCase()
  if (part === '') return new Set()
  return new Set(
    placed
      .filter((frame) => `${nameOf(frame)} ${frame.place}`.toLowerCase().includes(part))
      .map(({ index }) => index),
  )
}

/** Time in these frames and in what they called, each ms counted once. */
export function timeIn(placed: readonly PlacedFrame[], chosen: ReadonlySet<number>): number {
  let ms = 0
  /** Frames that are chosen or below one that is. Callers come first. */
  const covered = new Set<number>()
  for (const frame of placed) {
    const above = covered.has(frame.parent)
    if (!above && !chosen.has(frame.index)) continue
    covered.add(frame.index)
    if (!above) ms += frame.ms
  }
  return ms
}
