import type { ActorView } from '../../shared/bridge.ts'

export type Tone = 'quiet' | 'warn' | 'danger'

const tones: Record<ActorView['state'], Tone> = {
  running: 'quiet',
  starting: 'warn',
  restarting: 'warn',
  stopping: 'warn',
  stopped: 'danger',
  failed: 'danger',
}

const words: Record<ActorView['state'], string> = {
  running: 'Running',
  starting: 'Starting',
  restarting: 'Restarting',
  stopping: 'Stopping',
  stopped: 'Stopped',
  failed: 'Given up',
}

export function toneOf(actor: ActorView): Tone {
  return tones[actor.state]
}

export function stateInWords(actor: ActorView): string {
  return words[actor.state]
}

/** All of them in one sentence: what is wrong comes first, and nothing else when something is. */
export function actorsInWords(actors: readonly ActorView[]): string {
  const troubled = actors.filter((actor) => actor.state !== 'running')
  if (troubled.length === 0) return `All ${actors.length} actors are running`
  return troubled.map((actor) => `${actor.name}: ${stateInWords(actor).toLowerCase()}`).join(', ')
}
