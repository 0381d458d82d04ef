import type { Profiler } from 'node:inspector'
import { closedSamples } from './samples.ts'

export interface HotFunction {
  /** As V8 calls it; `(garbage collector)` and `(program)`, native code outside any function, are among them. */
  name: string
  /** Where it is written; empty for V8's own. */
  url: string
  /** Its first line, from 1; 0 for V8's own. */
  line: number
  /** Time spent in itself, what it calls not counted, ms. */
  ms: number
}

/** The functions in which most time was spent, the hottest first. Time spent waiting for work is left out. */
export function hottest(profile: Profiler.Profile, count: number): HotFunction[] {
  const functions = new Map<string, HotFunction>()
  const byNode = new Map<number, HotFunction>()
  for (const { id, callFrame } of profile.nodes) {
    const { functionName, url, lineNumber, columnNumber } = callFrame
    if (functionName === '(idle)' || functionName === '(root)') continue
    const key = `${functionName} ${url}:${lineNumber}:${columnNumber}`
    const known = functions.get(key)
    const hot = known ?? { name: functionName || '(anonymous)', url, line: lineNumber + 1, ms: 0 }
    if (!known) functions.set(key, hot)
    byNode.set(id, hot)
  }

  const { samples, timeDeltas } = closedSamples(profile)
  for (const [index, node] of samples.entries()) {
    const hot = byNode.get(node)
    // A stack lasts from its own sample to the next.
    if (hot) hot.ms += (timeDeltas[index + 1] ?? 0) / 1_000
  }
  return [...functions.values()].toSorted((a, b) => b.ms - a.ms).slice(0, count)
}
