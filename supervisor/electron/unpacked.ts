import { spawnThread } from '../runtime/index.ts'
import type { SpawnIsolate } from '../runtime/index.ts'

/**
 * The same module outside the archive. A worker cannot load an addon from inside an asar archive (electron issue
 * 43513), so packages are built with `actors`, `supervisor` and `node_modules` unpacked, and actors start there.
 */
export function unpacked(entry: URL): URL {
  return new URL(entry.href.replace(/\/app\.asar\//, '/app.asar.unpacked/'))
}

export const spawnUnpackedThread: SpawnIsolate = (options) =>
  spawnThread({ ...options, entry: unpacked(options.entry) })
