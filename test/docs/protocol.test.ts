import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { generated } from '../../docs/generate.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = (path: string) => readFileSync(join(root, path), 'utf8')

/** Prettier pads the cells of tables; what they say is what counts. */
const unpadded = (markdown: string) => markdown.replace(/ +/g, ' ').replace(/-{3,}/g, '---')

test('the tables of the protocol are those of the schemas', () => {
  assert.is(unpadded(text('docs/protocol.md')), unpadded(generated()))
})

test('every link between the documents leads to a file', () => {
  const documents = [
    'README.md',
    'CHANGELOG.md',
    'supervisor/runtime/README.md',
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ]
  for (const document of documents) {
    for (const [, target = ''] of text(document).matchAll(/\]\(([^)#]+)\)/g)) {
      if (target.startsWith('http')) continue
      assert.ok(existsSync(join(root, dirname(document), target)), `${document} links to ${target}`)
    }
  }
})

test('the commands that the README names are scripts of the package', () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> }
  for (const [, name = ''] of text('README.md').matchAll(/npm run ([\w-]+)/g))
    assert.ok(name in scripts, name)
})

test('the lock file names no registry and forbids compiling what ships its binary', () => {
  const lock = text('package-lock.json')
  assert.not.match(lock, /"resolved": *"http/)
  const { packages } = JSON.parse(lock) as { packages: Record<string, { gypfile?: boolean }> }
  assert.is(packages['node_modules/better-sqlite3']?.gypfile, false)
})

test.run()
