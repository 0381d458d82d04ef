import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { isSignedBy, type Signed } from '../../shared/signature.ts'

/** Below this many a slice costs more to send than to check: 36 µs a verification, 75 µs a round trip. */
const sliceSize = 32

/** Checks pages of signatures on all cores but one. Its threads start on the first page and end when idle. */
export class VerificationPool {
  #pool: Piscina<Signed[], boolean[]> | undefined

  async verifyAll(page: Signed[]): Promise<boolean[]> {
    if (page.length <= sliceSize) return page.map(isSignedBy)
    this.#pool ??= new Piscina<Signed[], boolean[]>({
      filename: fileURLToPath(new URL('./pool-worker.ts', import.meta.url)),
      minThreads: 0,
      maxThreads: Math.max(1, availableParallelism() - 1),
      idleTimeout: 10_000,
    })
    const slices: Promise<boolean[]>[] = []
    for (let start = 0; start < page.length; start += sliceSize) {
      slices.push(this.#pool.run(page.slice(start, start + sliceSize)))
    }
    return (await Promise.all(slices)).flat()
  }

  /** Its threads, by name. */
  get threads(): ReadonlyMap<string, Worker> {
    const threads = this.#pool?.threads ?? []
    return new Map(threads.map((thread) => [`pool ${thread.threadId}`, thread]))
  }

  async stop(): Promise<void> {
    await this.#pool?.destroy()
  }
}
