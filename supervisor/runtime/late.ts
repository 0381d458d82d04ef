import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/*
 * Parts that no actor needs in order to start. Each takes half a millisecond or more to load, and an actor that comes
 * back is waited for; so they are loaded when they are first used.
 */
export const late = {
  /** For an actor that calls others. */
  get actorLink() {
    return load('./calls/actor-link.ts') as typeof import('./calls/actor-link.ts')
  },
  /** For an actor to which callbacks or proxies are passed, or which passes some. */
  get borrowed() {
    return load('./borrowed.ts') as typeof import('./borrowed.ts')
  },
  get callbacks() {
    return load('./callbacks.ts') as typeof import('./callbacks.ts')
  },
  /** For an actor whose contract lets arguments be recorded. */
  get payload() {
    return load('./recorder/payload.ts') as typeof import('./recorder/payload.ts')
  },
  /** For an actor that answers with a stream. */
  get outgoingStream() {
    return load('./mailbox/outgoing-stream.ts') as typeof import('./mailbox/outgoing-stream.ts')
  },
  get inspector() {
    return process.getBuiltinModule('node:inspector')
  },
  get perfHooks() {
    return process.getBuiltinModule('node:perf_hooks')
  },
  get v8() {
    return process.getBuiltinModule('node:v8')
  },
  get vm() {
    return process.getBuiltinModule('node:vm')
  },
}
