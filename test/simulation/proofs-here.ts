import { prove, type Proof } from '../../server/actors/sequencer/proof.ts'
import { ProofPool } from '../../server/actors/sequencer/proof-pool.ts'
import type { Life } from './virtual-time.ts'
import type { Wires } from './wires.ts'

/** The sequencer's pool without its threads: which group is proven first is the schedule's choice, as it is theirs. */
export class ProofsHere extends ProofPool {
  readonly #wires: Wires
  readonly #sequencer: Life

  constructor(wires: Wires, sequencer: Life) {
    super()
    this.#wires = wires
    this.#sequencer = sequencer
  }

  override prove(group: readonly Uint8Array[]): Proof[] | Promise<Proof[]> {
    const proofs = group.map(prove)
    // Few are proven at once and many by the pool; how many are few is nothing that the order may depend on.
    if (Math.random() < 0.5) return proofs
    return new Promise((resolve) =>
      this.#wires.send({ to: this.#sequencer, what: 'proofs', arrive: () => resolve(proofs) }),
    )
  }
}
