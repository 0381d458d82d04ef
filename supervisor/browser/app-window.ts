import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser } from './find-browser.ts'

/**
 * Opens `address` in an app window of its own: a browser profile apart from the user's, so that the window is a
 * process that ends when it is closed.
 * @returns settles when the window was closed; rejects when the browser did not start
 */
export async function openAppWindow(browser: Browser, address: string, profileFolder: string): Promise<void> {
  const child = spawn(
    browser.binary,
    [
      `--app=${address}`,
      `--user-data-dir=${join(profileFolder, 'window')}`,
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-background-networking',
      '--disable-sync',
    ],
    { stdio: 'ignore' },
  )
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0 && code !== null) throw new Error(`${browser.name} ended with code ${code}`)
}
