import { setTimeout as sleep } from 'node:timers/promises'

type Missing = undefined | false

/**
 * Waits until `holds` answers with a value other than undefined and false, and returns that.
 * @throws Error naming `what` after `withinMs`
 */
export async function eventually<T>(
  what: string,
  holds: () => T | Missing | Promise<T | Missing>,
  withinMs = 15_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const value = await holds()
    if (value !== undefined && value !== false) return value
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(20)
  }
}
