import type { Place } from './storm.ts'

/** How long actors were away: from the death that was known until the next life answered, ms. */
export class Recoveries {
  readonly all: number[] = []
  readonly byActor: Record<string, number> = {}

  constructor(places: readonly Place[]) {
    for (const { name: place, supervisor } of places) {
      const died = new Map<string, number>()
      supervisor.on('death', ({ name }) => {
        if (!died.has(name)) died.set(name, performance.now())
      })
      supervisor.on('change', ({ name, state }) => {
        const at = died.get(name)
        if (state !== 'running' || at === undefined) return
        died.delete(name)
        this.all.push(performance.now() - at)
        const actor = `${place}/${name}`
        this.byActor[actor] = (this.byActor[actor] ?? 0) + 1
      })
    }
  }
}
