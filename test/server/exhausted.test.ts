import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ask } from '../../supervisor/command-socket.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

test('a server whose actor does not come back stops in good order, says why, and ends with 1', async () => {
  const folder = temporaryFolder()
  const server = fork(main, ['--port', '0', '--data', folder.path], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const said = text(server.stderr as Readable)
  const exited = once(server, 'exit')
  await once(server, 'message')

  for (const suffix of ['', '-wal', '-shm'])
    rmSync(join(folder.path, `sequencer.db${suffix}`), { force: true })
  writeFileSync(join(folder.path, 'sequencer.db'), 'this was a database once'.repeat(1_000))
  assert.equal(await ask(folder.path, { command: 'kill', actor: 'sequencer' }), { killed: 'sequencer' })

  assert.equal(await exited, [1, null])
  const output = await said
  assert.match(output, 'The server stops, since restarting its actors does not help: ')
  assert.match(output, /^ {2}sequencer: \d+ restarts, last death: .*sequencer\.db/m)
  assert.match(output, /^ {2}auth: 0 restarts, last death: none$/m)
  assert.is(await ask(folder.path, { command: 'list' }), undefined)
  folder.remove()
})

test.run()
