/** How often the parent is looked at, ms. */
const lookMs = 1_000

/**
 * Calls `stop` when the npm that started this program is gone: a signal that ends npm ends the shell between the two,
 * and never reaches this process.
 */
export function stopWithNpm(stop: () => Promise<void>): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    void stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }, lookMs)
  timer.unref()
}
