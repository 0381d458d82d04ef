/** What an actor and its contract import: the part of the runtime that runs inside an isolate, and nothing that starts one. */
export { runActor, type ActorContext, type StartedActor } from './actor.ts'
export { defineContract, type AnyContract, type Contract, type MailboxLimits } from './contract.ts'
export type { ActorRef, CallOptions } from './calls/actor-ref.ts'
export type { IncomingCall } from './mailbox/incoming-call.ts'
export { transfer } from './transfer.ts'
