import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser } from './find-browser.ts'

export interface AppWindow {
  /** Resolves when the window was closed; rejects when the browser did not start. */
  readonly closed: Promise<void>
  close(): void
}

/**
 * Opens `address` in an app window of its own: a browser profile apart from the user's, so that the window is a
 * process that ends when it is closed.
 */
export function openAppWindow(browser: Browser, address: string, profileFolder: string): AppWindow {
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
  const closed = once(child, 'exit').then(([code]: unknown[]) => {
    if (typeof code === 'number' && code !== 0) throw new Error(`${browser.name} ended with code ${code}`)
  })
  return { closed, close: () => void child.kill() }
}
