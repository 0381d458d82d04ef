import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const packageFolder = dirname(require.resolve('electron/package.json'))

/** Longer than this and the user is better served by a browser now, ms. */
const fetchWithinMs = 180_000

/** Path of Electron's executable, where the package has it. The package's own `index.js` would start a download. */
export function electronBinary(): string | undefined {
  const pathFile = join(packageFolder, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(packageFolder, 'dist')
  const binary = join(folder, readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : undefined
}

/**
 * Fetches the binary with the package's own installer.
 * @throws Error with the installer's last words
 */
export async function fetchElectron(): Promise<string> {
  const installer = spawn(process.execPath, [join(packageFolder, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: fetchWithinMs,
  })
  let words = ''
  installer.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()))
  const [code] = (await once(installer, 'close')) as [number | null]
  const binary = electronBinary()
  if (code === 0 && binary) return binary
  const [reason = 'the installer ended early'] = words.trim().split('\n')
  throw new Error(
    code === null ? `no answer within ${fetchWithinMs / 1000} s` : reason.replace(/^\w*Error: /, ''),
  )
}
