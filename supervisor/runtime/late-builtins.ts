/*
 * Parts of Node that no actor needs in order to start. Each takes a millisecond or more to load, and an actor that comes
 * back is waited for; so they are loaded when they are first used.
 */
export const late = {
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
