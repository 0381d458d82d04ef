import type { ActorView } from '../shared/bridge.ts'
import type { ChildStatus } from './runtime/index.ts'

/** A child as panels and commands show it. */
export function toActorView({ name, state, since, isolation, restarts, lastDeath }: ChildStatus): ActorView {
  const death = lastDeath ? { at: lastDeath.at, reason: lastDeath.reason } : null
  return { name, state, since, isolation: isolation ?? 'thread', restarts, lastDeath: death }
}
