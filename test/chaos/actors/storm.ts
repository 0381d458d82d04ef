import { setTimeout as sleep } from 'node:timers/promises'
import { namedFault } from '../../../supervisor/named-faults.ts'
import type { ChildStatus, Supervisor } from '../../../supervisor/runtime/index.ts'
import type { FaultName } from '../../../shared/bridge.ts'
import { FaultName as FaultNames } from '../../../shared/bridge.ts'
import type { SeededRandom } from '../../support/seeded-random.ts'

/** One of the trees that the storm goes through. */
export interface Place {
  name: string
  supervisor: Supervisor
}

export interface Struck {
  /** Such as `alice/chat`. */
  actor: string
  fault: FaultName
}

const faults = FaultNames.anyOf.map(({ const: name }) => name)
/** Only a process contains these. */
const processesOnly = new Set<FaultName>(['segfault'])

/** How long between two faults, ms: from this to twice this. */
const gapMs = 250

/** Faults of all kinds on random actors, each as the seed says, until it is stopped. */
export class Storm {
  readonly struck: Struck[] = []
  readonly #places: readonly Place[]
  readonly #random: SeededRandom
  readonly #ended = new AbortController()
  #running: Promise<void> | undefined

  constructor(places: readonly Place[], random: SeededRandom) {
    this.#places = places
    this.#random = random
  }

  begin(): void {
    this.#running = this.#run()
  }

  async end(): Promise<void> {
    this.#ended.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      // Drawn in any case and in this order, so that the choices of a seed do not hang on what happens to be up.
      const place = this.#pick(this.#places)
      const chosen = this.#random.next()
      const kind = this.#random.next()
      const seed = this.#random.below(2 ** 31)
      const pause = gapMs + this.#random.below(gapMs)
      this.#strike(place, chosen, kind, seed)
      await sleep(pause, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  }

  #strike({ name: place, supervisor }: Place, chosen: number, kind: number, seed: number): void {
    const actors = supervisor.children.filter((child) => child.kind === 'actor')
    const actor = actors[Math.floor(chosen * actors.length)]
    if (actor?.state !== 'running') return
    const possible = faults.filter((fault) => this.#contained(actor, fault))
    const fault = possible[Math.floor(kind * possible.length)]
    if (!fault) return
    this.struck.push({ actor: `${place}/${actor.name}`, fault })
    if (fault === 'kill') supervisor.kill(actor.name, 'killed by the storm')
    else supervisor.inflict(actor.name, namedFault(fault, seed))
  }

  #contained({ isolation }: ChildStatus, fault: FaultName): boolean {
    return isolation === 'process' || !processesOnly.has(fault)
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#random.below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
}
