import type { ActorView } from '../../shared/bridge.ts'

export interface TreeRow {
  readonly actor: ActorView
  /** How many supervisors it is under. */
  readonly depth: number
}

/** The tree, row by row: the host first, then each supervisor before what it supervises. */
export function asTree(list: readonly ActorView[]): TreeRow[] {
  const names = new Set(list.map(({ name }) => name))
  const rows: TreeRow[] = []
  const add = (parent: string | null, depth: number) => {
    for (const actor of list) {
      // Whose supervisor is not told stands at the root, rather than nowhere.
      const above = actor.parent !== null && names.has(actor.parent) ? actor.parent : null
      if (above !== parent) continue
      rows.push({ actor, depth })
      add(actor.name, depth + 1)
    }
  }
  add(null, 0)
  return rows.sort((a, b) => Number(b.actor.kind === 'host') - Number(a.actor.kind === 'host'))
}
