/** How often the clocks are compared, ms. */
const everyMs = 2_000
/** By how much the wall clock must run ahead of the monotonic one, ms: less is a busy machine or a clock that is set. */
const sleptMs = 8_000

/** Both in ms. The first goes on while the machine sleeps, the second does not. */
export interface Clocks {
  wall(): number
  monotonic(): number
}

const ofThisMachine: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() }

/**
 * Notices that the machine has slept, since nothing else says so: the monotonic clock has stood still, the wall clock has
 * not. A clock that was set forward looks the same, and does no harm.
 * @returns the end of the watch
 */
export function watchForWaking(woke: () => void, clocks: Clocks = ofThisMachine): () => void {
  let [wall, monotonic] = [clocks.wall(), clocks.monotonic()]
  const timer = setInterval(() => {
    const ahead = clocks.wall() - wall - (clocks.monotonic() - monotonic)
    ;[wall, monotonic] = [clocks.wall(), clocks.monotonic()]
    if (ahead > sleptMs) woke()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
