/** How the waits between restarts grow. */
export interface Backoff {
  /** The wait before the second try in a row, ms; the first is made at once. */
  firstMs: number
  maxMs: number
  /** An actor that lived this long, ms, is restarted at once when it dies: only quick deaths in a row are slowed. */
  calmMs: number
}

/**
 * The wait before try number `attempt` (0 is the first), ms: exponential with full jitter, so that what failed
 * together does not come back together. Source: M. Brooker, "Exponential Backoff And Jitter", AWS, 2015.
 */
export function backoffMs(
  { firstMs, maxMs }: Omit<Backoff, 'calmMs'>,
  attempt: number,
  random: () => number,
): number {
  if (attempt === 0) return 0
  const ceiling = Math.min(maxMs, firstMs * 2 ** (attempt - 1))
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}
