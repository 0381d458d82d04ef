import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

let folder: string | undefined

/**
 * The environment of an isolate, in which Node keeps compiled code (types stripped) on disk: an actor then starts in
 * half the time. Who set NODE_COMPILE_CACHE or NODE_DISABLE_COMPILE_CACHE has decided otherwise.
 */
export function cachingEnvironment(): NodeJS.ProcessEnv {
  if (process.env['NODE_COMPILE_CACHE'] || process.env['NODE_DISABLE_COMPILE_CACHE']) return process.env
  folder ??= privateFolder()
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: folder }
}

/** Code is run from it, so nobody else may have written there. @returns undefined where that cannot be had */
function privateFolder(): string | undefined {
  const { uid } = userInfo()
  const path = join(tmpdir(), `actor-code-${uid}`)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const { uid: owner, mode } = lstatSync(path)
  const ours = process.platform === 'win32' || (owner === uid && (mode & 0o077) === 0)
  return ours ? path : undefined
}
