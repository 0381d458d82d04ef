import type { ActorView } from '../../shared/bridge.ts'

export type Part = 'p2p' | 'link'

/** A restart that was asked for. */
export interface Asked {
  at: number
  /** When each actor had come into its state by then. */
  before: ReadonlyMap<string, number>
}

/** What has become of a restart that was asked for. */
export interface PartRestart {
  /** How long the part was away, ms; undefined while it is. */
  awayMs: number | undefined
  /** Other actors that went on all the time. */
  wentOn: string[]
  /** Other actors that have gone down since. */
  wentDown: string[]
  failure: string | undefined
}

/** Follows a restart of one part of the connection by what its supervisor tells of all actors. */
export function restartSoFar(part: Part, asked: Asked, actors: readonly ActorView[]): PartRestart {
  const went = (actor: ActorView) => actor.since !== asked.before.get(actor.name)
  const self = actors.find(({ name }) => name === part)
  const others = actors.filter(({ name, kind }) => kind === 'actor' && name !== part)
  const back = self?.state === 'running' && went(self)
  return {
    awayMs: back ? Math.max(0, self.since - asked.at) : undefined,
    wentOn: others.filter((actor) => !went(actor)).map(({ name }) => name),
    wentDown: others.filter(went).map(({ name }) => name),
    failure: undefined,
  }
}
