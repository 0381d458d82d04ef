import { Worker } from 'node:worker_threads'
import { readRing, ringMemory } from '../recorder/ring.ts'
import type { ThreadData } from '../supervisor-channel.ts'
import { beatsOf, heartMemory } from '../vitals/heartbeat.ts'
import type { ActorReport } from '../wire.ts'
import { cachingEnvironment } from './code-cache.ts'
import type { Exit, Isolate, IsolateOptions } from './isolate.ts'

/**
 * Node has 16 MB to end a thread that reached its limit, MB. A young generation of the usual size can move more than
 * that into the old one at once, and V8 then ends the whole process: seen with chat and the sequencer, 2 of 2 runs;
 * with 2, 8 and 16 MB none of 6 runs of 8 out-of-memory faults each.
 */
const youngMb = 8

/** An actor on a worker thread: the cheapest isolate, for code whose native parts survive `terminate`. */
export function spawnThread({ name, entry, heapMb, recorded }: IsolateOptions): Isolate {
  const shared = { heart: heartMemory(), ring: ringMemory(recorded.size > 0) }
  const worker = new Worker(entry, {
    name,
    workerData: { shared } satisfies ThreadData,
    env: cachingEnvironment(),
    ...(heapMb === undefined
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngMb } }),
  })
  let error: Error | undefined
  const fail = (thrown: unknown) => {
    error = thrown instanceof Error ? thrown : new Error('it threw what is no error', { cause: thrown })
  }
  worker.on('error', fail)
  worker.on('messageerror', fail)
  // Node emits every message of a worker before its exit: nothing arrives after this settles.
  const exited = new Promise<Exit>((resolve) => {
    worker.once('exit', (code) => {
      resolve({
        reason: error?.message ?? `exit code ${code}`,
        normal: error === undefined && code === 0,
        cause: error,
      })
    })
  })
  return {
    pid: null,
    post: (system, port) => worker.postMessage({ system, port }, port ? [port] : []),
    onReport: (handler) => void worker.on('message', (report: ActorReport) => handler(report)),
    exited,
    kill: () => void worker.terminate(),
    beats: () => beatsOf(shared.heart),
    // Answered from an interrupt, which V8 serves between two instructions of JavaScript.
    interrupted: () => worker.getHeapStatistics(),
    recording: () => readRing(shared.ring),
  }
}
