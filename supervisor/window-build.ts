import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UnitedError, errorCode } from '../shared/errors.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where the built window lies. */
export const windowFolder = join(root, 'renderer', 'dist')

/** The window's sources do not build; what Vite says of them was printed. */
export class WindowBuildFailed extends UnitedError {
  constructor() {
    super('window-build', 'The window could not be built. What went wrong is written above.')
  }
}

/**
 * Builds the window where that was not done yet, or where its sources have changed since.
 * @throws WindowBuildFailed
 */
export async function ensureWindowIsBuilt(say: (line: string) => void): Promise<void> {
  const built = await modifiedAt(join(windowFolder, 'index.html'))
  const newest = Math.max(
    ...(await Promise.all(
      ['renderer', 'shared', 'supervisor/electron'].map((folder) => newestIn(join(root, folder))),
    )),
  )
  if (built > newest) return
  say('Building the window (once, a few seconds) …')
  for (const folder of ['renderer', 'supervisor/electron']) await build(join(root, folder, 'vite.config.ts'))
}

/** In a process of its own: a build takes 600 MB, which this one would keep for as long as it runs. */
async function build(config: string): Promise<void> {
  const vite = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin', 'vite.js')
  const args = [vite, 'build', '--config', config, '--logLevel', 'warn']
  const building = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = (await once(building, 'exit')) as [number | null]
  if (code !== 0) throw new WindowBuildFailed()
}

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(windowFolder))
    .map((entry) => modifiedAt(join(entry.parentPath, entry.name)))
  return Math.max(...(await Promise.all(files)))
}

async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return -Infinity
    throw error
  }
}
