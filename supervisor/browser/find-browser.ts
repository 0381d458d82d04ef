import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { errorCode } from '../../shared/errors.ts'

export interface Browser {
  name: string
  binary: string
}

const names: readonly (readonly [name: string, commands: readonly string[], apps: readonly string[]])[] = [
  [
    'Chrome',
    ['google-chrome-stable', 'google-chrome'],
    [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'Google\\Chrome\\Application\\chrome.exe',
    ],
  ],
  ['Chromium', ['chromium', 'chromium-browser'], ['/Applications/Chromium.app/Contents/MacOS/Chromium']],
  [
    'Edge',
    ['microsoft-edge-stable', 'microsoft-edge'],
    [
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ],
  ],
]

/** The first browser on this machine that has app windows. */
export function findBrowser(): Browser | undefined {
  for (const [name, commands, apps] of names) {
    const binary = [...onPath(commands), ...installed(apps)].find(isExecutable)
    if (binary) return { name, binary }
  }
  return undefined
}

function onPath(commands: readonly string[]): string[] {
  if (process.platform === 'win32') return []
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)))
}

function installed(apps: readonly string[]): string[] {
  if (process.platform === 'darwin') return apps.filter((app) => app.startsWith('/'))
  if (process.platform !== 'win32') return []
  const folders = [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)'], process.env['LOCALAPPDATA']]
  return folders.flatMap((folder) =>
    folder ? apps.filter((app) => app.endsWith('.exe')).map((app) => join(folder, app)) : [],
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    return false
  }
}
