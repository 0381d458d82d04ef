import type { Life, VirtualTime } from './virtual-time.ts'

/** Something on its way to somebody. */
export interface Parcel {
  /** Whoever takes it; a life that has ended takes nothing. */
  to: Life
  /** What else must last until it arrives: a connection, its sender. */
  over?: readonly Life[]
  /** Parcels of one lane arrive in the order in which they were sent. */
  lane?: string
  /** Whether it may be lost or come twice on its way; others are lost with what they travel over. */
  loose?: boolean
  /** For people. */
  what: string
  arrive(): void
}

/** All that is on its way between the parts of the simulated world. Which arrives next is the schedule's choice. */
export class Wires {
  readonly #time: VirtualTime
  #parcels: Parcel[] = []

  constructor(time: VirtualTime) {
    this.#time = time
  }

  send(parcel: Parcel): void {
    this.#parcels.push(parcel)
  }

  get empty(): boolean {
    return this.#arriving().length === 0
  }

  /** Lets one of those arrive that could. @returns what it was */
  async deliver(pick: number): Promise<string | undefined> {
    const parcel = this.#choose(pick, () => true)
    if (!parcel) return undefined
    this.#remove(parcel)
    await this.#time.run(parcel.to, parcel.arrive)
    return parcel.what
  }

  /** @returns what was lost */
  lose(pick: number): string | undefined {
    const parcel = this.#choose(pick, ({ loose }) => loose === true)
    if (parcel) this.#remove(parcel)
    return parcel?.what
  }

  /** @returns what comes twice now */
  repeat(pick: number): string | undefined {
    const parcel = this.#choose(pick, ({ loose }) => loose === true)
    if (parcel) this.#parcels.push({ ...parcel, what: `${parcel.what} again` })
    return parcel?.what
  }

  #choose(pick: number, fits: (parcel: Parcel) => boolean): Parcel | undefined {
    const choice = this.#arriving().filter(fits)
    return choice[pick % Math.max(1, choice.length)]
  }

  /** The first of each lane, and all that are in none. */
  #arriving(): Parcel[] {
    this.#parcels = this.#parcels.filter(({ to, over = [] }) => !to.ended && !over.some(({ ended }) => ended))
    const lanes = new Set<string>()
    return this.#parcels.filter(({ lane }) => {
      if (lane === undefined) return true
      const first = !lanes.has(lane)
      lanes.add(lane)
      return first
    })
  }

  #remove(parcel: Parcel): void {
    this.#parcels.splice(this.#parcels.indexOf(parcel), 1)
  }
}
