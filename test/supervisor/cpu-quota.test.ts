import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ask } from '../../supervisor/command-socket.ts'
import { profileFolder } from '../../supervisor/desktop.ts'
import { runCommand, startApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Limited {
  by: string
  throttled: { times: number; ms: number }
  cpuMs: number
  wallMs: number
}

const quotas = suite('CPU quotas')
const percent = 20
const { code, stdout, stderr } = await runCommand('test/supervisor/fixtures/limited.ts', [String(percent)])
const refused = /The CPU cannot be limited on this machine[^.]*/.exec(stderr)?.[0]

function when(name: string, run: () => void | Promise<void>): void {
  quotas(name, async () => {
    if (refused === undefined) await run()
    else console.log(`\nskipped: ${refused}`)
  })
}

when('what a limited process starts is held back by the kernel', () => {
  assert.is(code, 0, stderr)
  const limited = JSON.parse(stdout) as Limited
  // A quota is given for each period of 100 ms, and what is left of one period may be used in the next.
  assert.ok(limited.cpuMs <= (percent / 100) * (limited.wallMs + 200), JSON.stringify(limited))
  assert.ok(limited.throttled.times > 0)
  assert.ok(limited.throttled.ms > 0)
})

when('no group is left over by a process that has ended', () => {
  for (const root of ['/sys/fs/cgroup', '/sys/fs/cgroup/cpu'].filter((folder) => existsSync(folder))) {
    const groups = readdirSync(root).filter((name) => name.startsWith('united-'))
    for (const group of groups) assert.ok(existsSync(join('/proc', group.slice('united-'.length))), group)
  }
})

when('the desktop runs under a quota, isolated as asked, and says what each actor used of it', async () => {
  const folder = temporaryFolder()
  const runs = ['--cpu', '70', '--isolate', 'crypto=process']
  const app = await startApp(['--port', '0', '--data', folder.path, ...runs])
  const profile = profileFolder({ dataFolder: folder.path, profile: 'default' })
  const actors = await eventually('all are measured', async () => {
    const answer = await ask(profile, { command: 'list' })
    return answer && 'actors' in answer && answer.actors.every(({ vitals }) => vitals) && answer.actors
  })
  assert.is(actors.find(({ name }) => name === 'crypto')?.isolation, 'process')
  assert.is(actors.find(({ name }) => name === 'link')?.isolation, 'thread')
  await app.stop()
  assert.match(app.output(), 'at most 70 % of one core')
  for (const actor of ['main', 'crypto', 'link'])
    assert.match(
      app.output(),
      new RegExp(`^  ${actor} +\\d+\\.\\d +\\d+\\.\\d +\\d+\\.\\d  (within|over)$`, 'm'),
    )
  assert.match(app.output(), /held back \d+ times/)
  folder.remove()
})

quotas.run()
