import type { DeadLetterReport } from '../dead-letters.ts'
import type { ActorSample } from '../vitals/sample.ts'
import type { IsolationName, RestartPolicy } from './child-spec.ts'

export type ChildState = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped' | 'failed'

export interface Death {
  /** ms since the epoch */
  at: number
  reason: string
  /** It ended by itself, without an error. */
  normal: boolean
  /** Somebody ended it through its supervisor: no sign that restarting does not help. */
  deliberate: boolean
}

/** A child as it is right now, for panels and commands. */
export interface ChildStatus {
  name: string
  kind: 'actor' | 'supervisor'
  /** The supervisor it is under; null at the root. */
  parent: string | null
  state: ChildState
  /** When it came into this state, ms since the epoch. */
  since: number
  /** Null for a supervisor. */
  isolation: IsolationName | null
  /** Of an actor that is a process. */
  pid: number | null
  incarnation: number
  restarts: number
  lastDeath: Death | undefined
  /** What it last said of itself in this life. */
  sample: ActorSample | undefined
  /** What it could not deliver or answer, over all its lives. */
  deadLetters: DeadLetterReport
}

/** What a supervisor supervises: an actor, or another supervisor. */
export interface Unit {
  readonly name: string
  readonly restart: RestartPolicy
  readonly state: ChildState
  readonly lastDeath: Death | undefined
  /** Itself, and what is below it. */
  readonly statuses: ChildStatus[]
  enter(state: ChildState): void
  /** Begins a new life. @throws ActorStartFailed; `lastDeath` says why */
  start(): Promise<void>
  /** Ends it in good order. `back`: it will be started again. */
  stop(reason: string, back: boolean): Promise<void>
  /** Ends it at once. What follows is up to its supervisor. */
  kill(reason: string): void
  /** It is down and will come back: whoever calls it shall wait. */
  awaited(reason: string): void
  /** It is down and will not come back by itself: whoever calls it is told so. */
  givenUp(reason: string): void
}
