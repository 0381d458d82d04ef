import type { CpuProfile } from './cpu-profile.ts'
import { closedSamples } from './samples.ts'

/** One function in one place of the call tree. */
export interface FlameFrame {
  name: string
  /** Last part of the file's path, with the line; empty for V8's own. */
  place: string
  /** Time in it and in what it called, ms. */
  ms: number
  /** Time in itself, ms. */
  selfMs: number
  /** Its caller's place in the list; -1 for the first frame, which is the root. */
  parent: number
}

/**
 * A profile as a flame graph: frames with their times, each after its caller. Waiting is left out, and so is what took
 * less than `leastMs` in all.
 */
export function flameOf(profile: CpuProfile, leastMs = 1): FlameFrame[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const self = new Map<number, number>()
  const { samples, timeDeltas } = closedSamples(profile)
  for (const [index, id] of samples.entries())
    self.set(id, (self.get(id) ?? 0) + (timeDeltas[index + 1] ?? 0) / 1_000)
  const total = new Map<number, number>()
  // V8 lists a node before its children.
  for (const { id, children = [], callFrame } of profile.nodes.toReversed()) {
    const own = callFrame.functionName === '(idle)' ? 0 : (self.get(id) ?? 0)
    total.set(
      id,
      children.reduce((sum, child) => sum + (total.get(child) ?? 0), own),
    )
  }
  const frames: FlameFrame[] = []
  const add = (id: number, parent: number) => {
    const node = nodes.get(id)
    const ms = total.get(id) ?? 0
    if (!node || (parent >= 0 && ms < leastMs)) return
    const { functionName, url, lineNumber } = node.callFrame
    if (functionName === '(idle)') return
    const file = url.split('/').at(-1) ?? ''
    const place = frames.push({
      name: functionName || '(anonymous)',
      place: file === '' ? '' : `${file}:${lineNumber + 1}`,
      ms,
      selfMs: self.get(id) ?? 0,
      parent,
    })
    for (const child of node.children ?? []) add(child, place - 1)
  }
  const [root] = profile.nodes
  if (root) add(root.id, -1)
  return frames
}
