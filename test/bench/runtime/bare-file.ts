import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** The least that a thread or process can run: it says that it is there, and stays. In JavaScript, as nothing loads faster. */
const source = `
const { parentPort } = require('node:worker_threads')
if (parentPort) parentPort.on('message', () => {}).postMessage('here')
else process.on('message', () => {}).send('here')
`

/** @returns a file with that, and its removal */
export function bareFile(): { path: string; remove(): void } {
  const folder = temporaryFolder()
  const path = join(folder.path, 'bare.cjs')
  writeFileSync(path, source)
  return { path, remove: folder.remove }
}
