import type { FlameFrame } from '../../../shared/bridge.ts'

export interface HotFunction {
  readonly name: string
  readonly place: string
  readonly selfMs: number
  /** In it and in what it called; what it called of itself is counted once. */
  readonly ms: number
}

/** Functions by the time in themselves, most first, over all places that they were called from. */
export function hottest(frames: readonly FlameFrame[], most: number): HotFunction[] {
  const keyOf = ({ name, place }: FlameFrame) => `${name} ${place}`
  const found = new Map<string, { name: string; place: string; selfMs: number; ms: number }>()
  for (const frame of frames) {
    if (frame.parent < 0) continue
    const key = keyOf(frame)
    const sum = found.get(key) ?? { name: frame.name, place: frame.place, selfMs: 0, ms: 0 }
    sum.selfMs += frame.selfMs
    if (!calledByItself(frames, frame, key, keyOf)) sum.ms += frame.ms
    found.set(key, sum)
  }
  return [...found.values()]
    .filter(({ selfMs }) => selfMs > 0)
    .sort((a, b) => b.selfMs - a.selfMs)
    .slice(0, most)
}

function calledByItself(
  frames: readonly FlameFrame[],
  frame: FlameFrame,
  key: string,
  keyOf: (frame: FlameFrame) => string,
): boolean {
  for (let above = frames[frame.parent]; above; above = frames[above.parent])
    if (keyOf(above) === key) return true
  return false
}
