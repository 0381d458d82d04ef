import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { temporaryFolder } from '../support/temporary-folder.ts'

const runtime = fileURLToPath(new URL('../../supervisor/runtime', import.meta.url))

test('the example of the runtime’s README runs as written and prints what it says', async () => {
  const readme = readFileSync(join(runtime, 'README.md'), 'utf8')
  const files = [...readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)]
  assert.equal(
    files.map(([, name]) => name),
    ['counter.contract.ts', 'counter.actor.ts', 'main.ts'],
  )
  const [, promised] = /```text\n([\s\S]*?)```/.exec(readme) ?? []

  const folder = temporaryFolder()
  symlinkSync(runtime, join(folder.path, 'runtime'))
  writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }')
  for (const [, name = '', text = ''] of files) writeFileSync(join(folder.path, name), text)
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder.path, 'main.ts')])
  folder.remove()
  assert.is(stdout, promised)
})

test.run()
