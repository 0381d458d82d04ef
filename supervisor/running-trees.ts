import { join } from 'node:path'
import type { ActorView } from '../shared/bridge.ts'
import { UnitedError } from '../shared/errors.ts'
import { ask, type Command, type CommandAnswer } from './command-socket.ts'
import { profileFolder } from './desktop.ts'

/** A desktop or a server that a command can reach. */
export interface Tree {
  title: string
  folder: string
}

export class NothingRuns extends UnitedError {
  constructor() {
    super(
      'nothing-runs',
      'No UNITED runs with this data folder. Start it with "npm start", or name it with --data.',
    )
  }
}

/** The desktop of a profile and the server beside it, whether they run or not. */
export function treesIn(dataFolder: string, profile: string): Tree[] {
  return [
    { title: `desktop (profile ${profile})`, folder: profileFolder({ dataFolder, profile }) },
    { title: 'server', folder: join(dataFolder, 'server') },
  ]
}

/** @throws NothingRuns */
export async function runningTrees(trees: readonly Tree[]): Promise<{ tree: Tree; actors: ActorView[] }[]> {
  const running: { tree: Tree; actors: ActorView[] }[] = []
  for (const tree of trees) {
    const answer = await tell(tree, { command: 'list' })
    if (answer && 'actors' in answer) running.push({ tree, actors: answer.actors })
  }
  if (running.length === 0) throw new NothingRuns()
  return running
}

/** The first tree that has an actor of this name. @throws NothingRuns, UnitedError with code `unknown-actor` */
export async function treeOf(trees: readonly Tree[], actor: string): Promise<Tree> {
  const running = await runningTrees(trees)
  const found = running.find(({ actors }) => actors.some(({ name }) => name === actor))
  if (found) return found.tree
  const known = running.flatMap(({ actors }) => actors.map(({ name }) => name))
  throw new UnitedError('unknown-actor', `There is no actor named ${actor}. There are ${known.join(', ')}.`)
}

/**
 * @param withinMs how long the answer may take, ms
 * @returns undefined when nothing runs there
 * @throws UnitedError as the other side refuses it
 */
export async function tell(
  { folder }: Tree,
  command: Command,
  withinMs?: number,
): Promise<CommandAnswer | undefined> {
  const answer = await ask(folder, command, withinMs)
  if (answer && 'error' in answer) throw new UnitedError(answer.error.code, answer.error.message)
  return answer
}
