import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { prove, type Proof } from './proof.ts'

/** Up to this many are proven on the sequencer's own thread: a round trip to another takes as long as one of them. */
const provenHere = 4
/** The largest share of one thread: what is done is committed while the rest goes on. */
const sliceMost = 32

/** Spreads what is to be proven over the cores. Its threads start with the first larger group and end when idle. */
export class ProofPool {
  #pool: Piscina<readonly Uint8Array[], Proof[]> | undefined
  readonly #threads = Math.max(1, availableParallelism() - 1)

  /**
   * Calls `done` with the index and the proof of each of `group`, at once where they are few, else slice by slice.
   * Rejects when a thread failed; what was not told by then is not proven.
   */
  async prove(group: readonly Uint8Array[], done: (index: number, proof: Proof) => void): Promise<void> {
    if (group.length <= provenHere) {
      for (const [index, bytes] of group.entries()) done(index, prove(bytes))
      return
    }
    const pool = (this.#pool ??= this.#start())
    const size = Math.min(sliceMost, Math.ceil(group.length / this.#threads))
    const slices: Promise<void>[] = []
    for (let start = 0; start < group.length; start += size) {
      const told = pool.run(group.slice(start, start + size)).then((proofs) => {
        for (const [index, proof] of proofs.entries()) done(start + index, proof)
      })
      slices.push(told)
    }
    await Promise.all(slices)
  }

  #start(): Piscina<readonly Uint8Array[], Proof[]> {
    return new Piscina({
      filename: fileURLToPath(new URL('./pool-worker.ts', import.meta.url)),
      minThreads: 0,
      maxThreads: this.#threads,
      idleTimeout: 10_000,
    })
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
