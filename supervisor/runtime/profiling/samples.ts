import type { Profiler } from 'node:inspector'

/** The stacks that a profile saw, as ids of their top nodes, and when. */
export interface Samples {
  samples: readonly number[]
  /** Time from one sample to the next, µs; the first is counted from the profile's start. */
  timeDeltas: readonly number[]
}

/**
 * The samples of a profile with its end as a last one. The last stack that was seen is taken to last until then, so
 * that the deltas add up to the profile's duration.
 */
export function closedSamples({
  startTime,
  endTime,
  samples = [],
  timeDeltas = [],
}: Profiler.Profile): Samples {
  const last = samples.at(-1)
  if (last === undefined) return { samples, timeDeltas }
  const sampledUs = timeDeltas.reduce((sum, delta) => sum + delta, 0)
  return {
    samples: [...samples, last],
    timeDeltas: [...timeDeltas, Math.max(0, endTime - startTime - sampledUs)],
  }
}
