import type { AnyContract, InitOf } from '../contract.ts'
import { IsolationFixed } from '../errors.ts'
import type { Intensity } from './restart-intensity.ts'

export type IsolationName = 'thread' | 'process'

/** When a child that ended is started again: always, only after an abnormal end, or never. As in Erlang/OTP. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary'

/** Who is restarted when one child dies: that one; it and all started after it; everyone. As in Erlang/OTP. */
export type Strategy = 'one-for-one' | 'rest-for-one' | 'one-for-all'

/**
 * What follows when restarting does not help. `escalate`: the supervisor stops its children and fails itself, which
 * its own supervisor treats as any death; at the root everything stops in good order. `give-up`: that child is left
 * down and the others go on.
 */
export type WhenExhausted = 'escalate' | 'give-up'

/** What a supervisor needs to know to start, restart and stop one actor. */
export interface ChildSpec<C = AnyContract> {
  contract: C
  /** The module whose last line is `runActor`. */
  entry: URL
  /** @default 'thread' */
  isolation?: IsolationName
  /** Configuration may not change the isolation: native code in it takes down whatever it is ended in. @default false */
  isolationFixed?: boolean
  /** @default 'permanent' */
  restart?: RestartPolicy
  /** Names of the actors that this one calls; each gets it a port of its own. @default [] */
  links?: readonly string[]
  /** Read anew at every start, so that a restarted actor begins with what is true then. */
  init?: () => InitOf<C>
  /** How long it may take to come up, ms. @default 20_000 */
  startMs?: number
  /** How long it may take to stop in good order before it is killed, ms. @default 3_000 */
  shutdownMs?: number
  /** Heap limit, MB, kept by V8. @default the platform's */
  heapMb?: number
  /** Limit of all its memory, MB, kept by its supervisor as of each sample. @default none */
  memoryMb?: number
  /** An event loop that does not turn for this long, ms, hangs, and its actor is ended. Infinity for never. @default 5_000 */
  hangMs?: number
  /** Keeps a second isolate with the code loaded, so that a restart need not wait for that. @default false */
  standby?: boolean
}

/** A supervisor below a supervisor: its children live and die by rules of their own. */
export interface SupervisorSpec {
  supervisor: string
  children: readonly Spec[]
  /** @default 'permanent' */
  restart?: RestartPolicy
  /** @default 'one-for-one' */
  strategy?: Strategy
  /** @default its parent's */
  intensity?: Intensity
  /** @default 'escalate' */
  whenExhausted?: WhenExhausted
}

export type Spec = ChildSpec | SupervisorSpec

/** What configuration may change of a child without touching the tree. */
export type SpecOverrides = Partial<
  Pick<ChildSpec, 'isolation' | 'heapMb' | 'memoryMb' | 'hangMs' | 'standby' | 'shutdownMs'>
>

/**
 * A spec with what configuration changes of it.
 * @throws IsolationFixed
 */
export function overridden<S extends Pick<ChildSpec, 'contract' | 'isolation' | 'isolationFixed'>>(
  spec: S,
  overrides: SpecOverrides = {},
): S {
  const { isolation = spec.isolation } = overrides
  if (spec.isolationFixed && isolation !== spec.isolation) throw new IsolationFixed(spec.contract.name)
  return { ...spec, ...overrides }
}

/** Types a spec against its contract, then lets it stand beside others in one list. */
export function childSpec<C extends AnyContract>(spec: ChildSpec<C>): ChildSpec {
  return spec
}

export function nameOf(spec: Spec): string {
  return 'supervisor' in spec ? spec.supervisor : spec.contract.name
}
