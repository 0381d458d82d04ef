import { setTimeout as sleep } from 'node:timers/promises'

/** How many are started. */
export const population = 12
/** Long enough for an actor to collect what its start left behind, ms. */
const settleMs = 2_000

/** @param startAll starts as many as `population`. @returns what each of them added to the process, MB */
export async function mbOfEach(startAll: () => Promise<unknown>): Promise<number> {
  const before = await settled()
  await startAll()
  return ((await settled()) - before) / population / 2 ** 20
}

/** The process must run with --expose-gc. */
async function settled(): Promise<number> {
  await sleep(settleMs)
  globalThis.gc?.()
  return process.memoryUsage.rss()
}
