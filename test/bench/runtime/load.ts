import { percentile } from '../figures.ts'

/** How many calls are under way at a time where throughput is measured. */
export const inFlight = 64

/** As many callers as that call in a loop until `forMs` are over. @returns answered calls per second */
export async function callsPerSecond(call: () => Promise<unknown>, forMs: number): Promise<number> {
  const from = performance.now()
  let answered = 0
  const caller = async () => {
    while (performance.now() - from < forMs) {
      await call()
      answered++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller))
  return (answered * 1000) / (performance.now() - from)
}

/** One call at a time. @returns from the call to its answer, µs, the median */
export async function medianCallUs(call: () => Promise<unknown>, forMs: number): Promise<number> {
  const samples: number[] = []
  const until = performance.now() + forMs
  for (let from = performance.now(); from < until; from = performance.now()) {
    await call()
    samples.push((performance.now() - from) * 1000)
  }
  return percentile(samples, 0.5)
}

/** How many messages are sent before the receiver is asked whether it has them all. */
const burst = 2000

/** @param count asks the receiver how many it got since it was last asked. @returns sends per second until it had them */
export async function sendsPerSecond(
  send: () => void,
  count: () => Promise<number>,
  forMs: number,
): Promise<number> {
  const from = performance.now()
  let sent = 0
  while (performance.now() - from < forMs) {
    for (let n = 0; n < burst; n++) send()
    sent += burst
    const got = await count()
    if (got !== burst) throw new Error(`${got} of ${burst} messages arrived`)
  }
  return (sent * 1000) / (performance.now() - from)
}

/** What is sent, short messages of the application: no two in a row are the same object, so each has to be cloned. */
export function payloads(): () => Uint8Array {
  const all = Array.from({ length: 64 }, (_, n) => new Uint8Array(64).fill(n))
  let next = 0
  return () => all[next++ % all.length] ?? new Uint8Array(64)
}
