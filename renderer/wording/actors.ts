import type { ActorView, ActorVitals } from '../../shared/bridge.ts'

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

/** How it runs, in a word. */
export function isolationInWords({ kind, isolation }: ActorView): string {
  if (kind === 'host') return 'host'
  return isolation ?? ''
}

/** What its memory figure counts. */
export function memoryInWords({ kind, vitals }: ActorView): string {
  if (kind === 'host') return 'All memory of the app’s process, with the threads in it'
  return vitals?.residentBytes === null ? 'Heap of its thread' : 'All memory of its process'
}

/** The figure that stands for its memory: resident for a process, the heap for a thread. */
export function memoryOf(vitals: ActorVitals): number {
  return vitals.residentBytes ?? vitals.heapBytes
}

/**
 * All actors in one sentence: what is wrong comes first, and nothing else when something is. Who supervises them is not
 * counted.
 */
export function actorsInWords(list: readonly ActorView[]): string {
  const actors = list.filter(({ kind }) => kind === 'actor')
  const troubled = actors.filter((actor) => actor.state !== 'running')
  if (troubled.length === 0) return `All ${actors.length} actors are running`
  return troubled.map((actor) => `${actor.name}: ${stateInWords(actor).toLowerCase()}`).join(', ')
}
