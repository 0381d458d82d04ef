import type { ActorFault } from './faults/fault.ts'
import type { WireFault } from './error-codec.ts'
import type { ActorSample } from './vitals/sample.ts'

/** What a supervisor tells an actor. `link` and `serve` come with a port. These pass every mailbox. */
export type SystemMessage =
  /** `beatMs`: how often its heart beats, ms; `sampleMs`: how often it says how it is, 0 for never. */
  | { type: 'start'; name: string; incarnation: number; init: unknown; beatMs: number; sampleMs: number }
  /** Nobody waits for you yet: get ready for the day when somebody does. */
  | { type: 'rehearse' }
  /** Here is the port on which `actor` answers you. */
  | { type: 'link'; actor: string; incarnation: number }
  /** The port to `actor` is dead; `final` when no other will come. */
  | { type: 'unlink'; actor: string; incarnation: number; reason: string; final: boolean }
  /** Here is a port on which `caller` will call you. */
  | { type: 'serve'; caller: string }
  /** Answer with `pong`: the heartbeat of an actor that shares no memory. */
  | { type: 'ping' }
  | { type: 'fault'; fault: ActorFault }
  | { type: 'ask'; id: number; question: Question }
  | { type: 'stop' }

/** What an actor can be asked by its supervisor, beside what its contract offers. */
export type Question =
  | { about: 'sample' }
  /** Answers nothing; `profile-stop` answers a `ThreadProfile` for it and each thread that works for it. */
  | { about: 'profile-start'; intervalUs: number }
  | { about: 'profile-stop' }
  /** Writes a `.heapsnapshot` file. */
  | { about: 'heap-snapshot'; path: string }

/** What an actor tells its supervisor. */
export type ActorReport =
  /** Its code is loaded and it listens. */
  | { type: 'loaded' }
  /** It has started and answers calls. */
  | { type: 'ready' }
  /** `inspected`: a debugger may hold it. */
  | { type: 'pong'; inspected: boolean }
  | { type: 'sample'; sample: ActorSample }
  | { type: 'answer'; id: number; result: unknown }
  | { type: 'refusal'; id: number; fault: WireFault }
  | { type: 'crashed'; fault: WireFault }
  | { type: 'stopped' }

/** A value as Comlink puts it on a wire. */
export type WireValue = { type: 'RAW'; value: unknown } | { type: 'HANDLER'; name: string; value: unknown }

/** A Comlink call. Our stubs number them from 1 per port; 0 wants no answer. Plain Comlink makes ids of text. */
export interface CallFrame {
  id: number | string
  type: string
  path?: readonly string[]
  argumentList?: readonly WireValue[]
}
export type ReplyFrame = WireValue & { id: number | string }

/** Events are numbered from 1 per port, so that one that is missing or came twice is seen. */
export interface EventFrame {
  event: string
  n: number
  data: unknown
}
/** How many events were sent so far: shows that the last one went missing. */
export interface ToldFrame {
  told: number
}
export interface SubscribeFrame {
  subscribe: string
}
/** Nobody waits for call `cancel` any more. */
export interface CancelFrame {
  cancel: number
}
/** What this caller may have under way at once, for contracts whose mailbox lets callers wait. */
export interface WindowFrame {
  window: { messages: number; bytes: number }
}
/** Traffic of a callback or proxy that was passed across: a Comlink frame of its own, under the number it was given. */
export interface CallbackFrame {
  callback: number
  to: 'owner' | 'holder'
  frame: unknown
}
/** The consumer of a stream has room for `pull` more items, or wants no more. */
export type StreamDemand = { stream: number; pull: number } | { stream: number; close: true }
/** Items, numbered from 0, and how it ended. */
export type StreamSupply =
  | { stream: number; from: number; items: readonly unknown[] }
  | { stream: number; from: number; done: true }
  | { stream: number; from: number; fault: WireFault }

export type FrameToActor = CallFrame | SubscribeFrame | CancelFrame | CallbackFrame | StreamDemand
export type FrameToCaller = ReplyFrame | EventFrame | ToldFrame | WindowFrame | CallbackFrame | StreamSupply
