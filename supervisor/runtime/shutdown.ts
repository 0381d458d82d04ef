/**
 * Calls `stop` on the first SIGINT or SIGTERM and ends the process when it is done, with the exit code that shells
 * expect (128 + signal). A second signal does not wait.
 */
export function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false
  const signals = { SIGINT: 2, SIGTERM: 15 } as const
  for (const [signal, number] of Object.entries(signals)) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + number)
      stopping = true
      void stop().then(
        () => process.exit(128 + number),
        (error: unknown) => {
          console.error(error)
          process.exit(1)
        },
      )
    })
  }
}
