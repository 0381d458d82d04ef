import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Busy } from './threads/busy.ts'

/** What a sacrificial process is told to do, as JSON in its only argument. */
export interface Order {
  /** URL of the module that its threads run. */
  thread: string
  workerData?: unknown
  /** Old generation limit of its threads, MB. */
  heapMb?: number
  kills: number
}

/** What it tells, one JSON line each. */
export type Report =
  /** A thread was killed. `ms`: how long `terminate` took. */
  | { event: 'killed'; ms: number; nativeCallMs?: number }
  /** A thread ended of itself, with an error of this code or message. */
  | { event: 'ended'; error: string }
  /** `terminate` did not resolve. The last report. */
  | { event: 'hung' }
  /** All is done and the process still stands. The last report. */
  | { event: 'survived' }

/** A `terminate` that takes longer never resolves, ms; but for this many times the native call that it waits for. */
const hangMs = 5_000
const hangCalls = 50
/** Jobs that a thread left on libuv's pool finish within this after the last kill, ms. */
const aftermathMs = 300

/** Straight to the file descriptor: what has been said survives whatever happens next. */
const report = (line: Report) => void writeSync(1, `${JSON.stringify(line)}\n`)

const order = JSON.parse(process.argv[2] ?? '') as Order

for (let kill = 0; kill < order.kills; kill++) {
  const worker = new Worker(new URL(order.thread), {
    workerData: order.workerData,
    ...(order.heapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: order.heapMb } }),
  })
  let busy: Busy
  try {
    ;[busy] = (await once(worker, 'message')) as [Busy]
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    report({ event: 'ended', error: code ?? message })
    continue
  }
  // At another moment of its work each time.
  await sleep((kill * 13) % 60)
  const started = performance.now()
  const terminated = await Promise.race([
    worker.terminate().then(() => true),
    sleep(hangMs + hangCalls * (busy.nativeCallMs ?? 0), false, { ref: false }),
  ])
  if (!terminated) {
    report({ event: 'hung' })
    // The stuck thread would keep an ordinary exit waiting.
    process.kill(process.pid, 'SIGKILL')
  }
  report({ event: 'killed', ms: performance.now() - started, ...busy })
}
await sleep(aftermathMs)
report({ event: 'survived' })
