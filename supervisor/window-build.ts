import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorCode } from '../shared/errors.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where the built window lies. */
export const windowFolder = join(root, 'renderer', 'dist')

/** Builds the window where that was not done yet, or where its sources have changed since. */
export async function ensureWindowIsBuilt(say: (line: string) => void): Promise<void> {
  const built = await modifiedAt(join(windowFolder, 'index.html'))
  const newest = Math.max(
    ...(await Promise.all(
      ['renderer', 'shared', 'supervisor/electron'].map((folder) => newestIn(join(root, folder))),
    )),
  )
  if (built > newest) return
  say('Building the window (once, a few seconds) …')
  const { build } = await import('vite')
  await build({ configFile: join(root, 'renderer', 'vite.config.ts'), logLevel: 'warn' })
  await build({ configFile: join(root, 'supervisor', 'electron', 'vite.config.ts'), logLevel: 'warn' })
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
