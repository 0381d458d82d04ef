import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { Slice } from './pool-worker.ts'
import { prove, type Proof } from './proof.ts'

/** Up to this many are proven on the sequencer's own thread: a round trip to another takes as long as a few of them. */
const provenHere = 6
/** The least that is worth a round trip. */
const sliceLeast = 6

/** Spreads what is to be proven over the cores. Its threads start with the first larger group and end when idle. */
export class ProofPool {
  #pool: Piscina<Slice, Proof[]> | undefined
  readonly #threads = Math.max(1, availableParallelism() - 1)

  /** @returns a proof of each, in order; at once where they are few */
  prove(group: readonly Uint8Array[]): Proof[] | Promise<Proof[]> {
    if (group.length <= provenHere) return group.map(prove)
    const pool = (this.#pool ??= this.#start())
    const size = Math.max(sliceLeast, Math.ceil(group.length / this.#threads))
    const slices: Promise<Proof[]>[] = []
    for (let start = 0; start < group.length; start += size) {
      const slice = joined(group.slice(start, start + size))
      slices.push(pool.run(slice, { transferList: [slice.bytes.buffer] }))
    }
    return Promise.all(slices).then((proofs) => proofs.flat())
  }

  #start(): Piscina<Slice, Proof[]> {
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

function joined(group: readonly Uint8Array[]): Slice {
  const lengths = group.map(({ byteLength }) => byteLength)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let end = 0
  for (const each of group) {
    bytes.set(each, end)
    end += each.byteLength
  }
  return { bytes, lengths }
}
