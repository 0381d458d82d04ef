import type { CpuProfile } from './cpu-profile.ts'
import { closedSamples } from './samples.ts'

/**
 * The share of a profile's time in which its thread was not idle, 0 to 1. While a profile is taken this is to be
 * believed rather than the event loop's utilization, in which the profiler counts as work.
 */
export function busyShare(profile: CpuProfile): number {
  const idle = new Set(
    profile.nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  )
  const { samples, timeDeltas } = closedSamples(profile)
  let idleUs = 0
  for (const [index, id] of samples.entries()) if (idle.has(id)) idleUs += timeDeltas[index + 1] ?? 0
  return 1 - idleUs / Math.max(1, profile.endTime - profile.startTime)
}
