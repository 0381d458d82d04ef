/** What the runtime offers: supervisors on one side, actors on the other, contracts between. */
export { Supervisor, type ExhaustionReport, type SupervisorInit } from './tree/supervisor.ts'
export {
  childSpec,
  overridden,
  type ChildSpec,
  type IsolationName,
  type RestartPolicy,
  type Spec,
  type SpecOverrides,
  type Strategy,
  type SupervisorSpec,
  type WhenExhausted,
} from './tree/child-spec.ts'
export type { Isolations } from './tree/child.ts'
export type { ChildState, ChildStatus, Death } from './tree/unit.ts'
export { backoffMs, type Backoff } from './tree/backoff.ts'
export type { Intensity } from './tree/restart-intensity.ts'
export { runActor, type ActorContext, type StartedActor } from './actor.ts'
export { defineContract, type AnyContract, type Contract, type MailboxLimits } from './contract.ts'
export { askAgain } from './calls/ask-again.ts'
export type { ActorRef, CallOptions } from './calls/actor-ref.ts'
export type { IncomingCall } from './mailbox/incoming-call.ts'
export type { DeadLetter, DeadLetterReport, DeadReason } from './dead-letters.ts'
export {
  ActorDown,
  ActorError,
  ActorStartFailed,
  CallAborted,
  DeadlineExceeded,
  FaultNotContained,
  IsolationFixed,
  MailboxFull,
  NameTaken,
  NotTransferable,
  StreamBroken,
  UnknownActor,
  UnknownMethod,
} from './errors.ts'
export { RemoteError } from './error-codec.ts'
export type { ActorFault, FaultName, MessageFault } from './faults/fault.ts'
export type { Entry, EntryKind, Recording } from './recorder/entry.ts'
export { NoRecording, readRecording, writeRecording } from './recorder/recording-file.ts'
export { replay, type Outcome, type ReplayedCall, type ReplayReport } from './recorder/replay.ts'
export type { ActorSample, ThreadSample } from './vitals/sample.ts'
export { mainName, profileTree } from './profiling/profile-tree.ts'
export { busyShare } from './profiling/busy-share.ts'
export { flameOf, type FlameFrame } from './profiling/flame.ts'
export { hottest, type HotFunction } from './profiling/hottest.ts'
export { prometheusText } from './profiling/prometheus.ts'
export { mergeCpuProfiles, type ActorProfile } from './profiling/trace.ts'
export { transfer } from './transfer.ts'
export { stopOnSignals } from './shutdown.ts'
export { SupervisorPipe } from './isolation/pipe.ts'
export type { Exit, Isolate, IsolateOptions, SpawnIsolate } from './isolation/isolate.ts'
export { spawnThread } from './isolation/thread.ts'
