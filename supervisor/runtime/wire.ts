import type { WireFault } from './error-codec.ts'

/** What a supervisor tells an actor. `link` and `serve` come with a port. */
export type SystemMessage =
  | { type: 'start'; name: string; incarnation: number; init: unknown }
  /** Here is the port on which `actor` answers you. */
  | { type: 'link'; actor: string; incarnation: number }
  /** The port to `actor` is dead; `final` when no other will come. */
  | { type: 'unlink'; actor: string; incarnation: number; reason: string; final: boolean }
  /** Here is a port on which `caller` will call you. */
  | { type: 'serve'; caller: string }
  | { type: 'stop' }

/** What an actor tells its supervisor. */
export type ActorReport =
  /** Its code is loaded and it listens. */
  | { type: 'loaded' }
  /** It has started and answers calls. */
  | { type: 'ready' }
  | { type: 'crashed'; fault: WireFault }
  | { type: 'stopped' }

/** What crosses a port beside Comlink's calls and replies, which alone carry an `id`. */
export type EventFrame = { event: string; data: unknown }
export type SubscribeFrame = { subscribe: string }

/** A Comlink call, as far as the runtime looks into it. */
export interface CallFrame {
  id: string
  type: string
  path?: readonly string[]
  argumentList?: readonly { value: unknown }[]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function isEventFrame(value: unknown): value is EventFrame {
  return isObject(value) && 'event' in value && typeof value.event === 'string'
}

export function isSubscribeFrame(value: unknown): value is SubscribeFrame {
  return isObject(value) && 'subscribe' in value && typeof value.subscribe === 'string'
}

/** Calls and replies both: whatever Comlink put an id on. */
export function isCallFrame(value: unknown): value is CallFrame {
  return isObject(value) && 'id' in value && typeof value.id === 'string'
}
