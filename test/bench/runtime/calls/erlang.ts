import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import type { Contender } from '../contender.ts'
import { inFlight } from '../load.ts'

export function erlangIsInstalled(): boolean {
  return spawnSync('erl', ['-version']).status === 0
}

/** Erlang's own gen_server, compiled here, in a virtual machine with its default settings. */
export function start(): Contender {
  const folder = temporaryFolder()
  execFileSync('erlc', ['-o', folder.path, fileURLToPath(new URL('./calls.erl', import.meta.url))])
  const erl = spawn('erl', ['-noshell', '-pa', folder.path, '-run', 'calls', 'main', String(inFlight)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(erl.stdout)[Symbol.asyncIterator]()
  return {
    measures: {
      async calls(forMs) {
        erl.stdin.write(`${forMs}\n`)
        const line = await lines.next()
        if (line.done) throw new Error('Erlang has ended')
        return Number(line.value)
      },
    },
    async stop() {
      const ended = once(erl, 'exit')
      erl.stdin.end()
      await ended
      folder.remove()
    },
  }
}
