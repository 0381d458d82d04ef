import type { AnyContract, InitOf } from './contract.ts'

export type IsolationName = 'thread' | 'process'

/** When a child that ended is started again: always, only after an abnormal end, or never. As in Erlang/OTP. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary'

/** What a supervisor needs to know to start, restart and stop one actor. */
export interface ChildSpec<C = AnyContract> {
  contract: C
  /** The module whose last line is `runActor`. */
  entry: URL
  /** @default 'thread' */
  isolation?: IsolationName
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
  /** Heap limit, MB. @default the platform's */
  heapMb?: number
}

/** Types a spec against its contract, then lets it stand beside others in one list. */
export function childSpec<C extends AnyContract>(spec: ChildSpec<C>): ChildSpec {
  return spec
}
