import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { childSpec, Supervisor } from '../../../supervisor/runtime/index.ts'
import { eventually } from '../../support/eventually.ts'
import { rejection } from '../../support/rejection.ts'
import { echo } from './fixtures/echo.contract.ts'
import { echoSpec, frontSpec, isolations, supervise } from './fixtures/start.ts'

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('children start in the order given, each when the one before is ready, and stop in reverse', async () => {
  const supervisor = new Supervisor()
  const story: string[] = []
  supervisor.on('change', ({ name, state }) => story.push(`${name} ${state}`))
  await supervisor.start([echoSpec(), frontSpec()])
  await supervisor.stop()
  assert.equal(story, [
    'echo starting',
    'echo running',
    'front starting',
    'front running',
    'front stopping',
    'front stopped',
    'echo stopping',
    'echo stopped',
  ])
})

for (const isolation of isolations) {
  test(`a ${isolation} that cannot start says why, and those started before it are stopped`, async () => {
    const supervisor = new Supervisor()
    const broken = childSpec({
      contract: { ...echo, name: 'broken' },
      entry: new URL('./fixtures/broken.actor.ts', import.meta.url),
      isolation,
    })
    const error = await rejection(supervisor.start([echoSpec(), broken]))
    assert.is(error.code, 'actor-start-failed')
    assert.is((error.cause as { code?: string }).code, 'no-disk')
    assert.equal(supervisor.children, [])
    await supervisor.stop()
  })

  test(`a ${isolation} that does not stop in time is ended`, async () => {
    const supervisor = await supervise([echoSpec({ isolation, init: () => 'never stops', shutdownMs: 50 })])
    await supervisor.stop()
    assert.is(supervisor.children[0]?.state, 'stopped')
  })
}

test('a supervisor that is told to stop while an actor restarts still stops', async () => {
  const supervisor = await supervise([echoSpec()])
  supervisor.kill('echo')
  await once(supervisor, 'death')
  await supervisor.stop()
  assert.is(supervisor.children[0]?.state, 'stopped')
})

test('configuration isolates an actor otherwise, unless its isolation is fixed', async () => {
  const overrides = { echo: { isolation: 'process' as const } }
  const supervisor = await supervise([echoSpec()], { overrides })
  assert.is(supervisor.children[0]?.isolation, 'process')
  await supervisor.stop()

  const error = await rejection(
    supervise([echoSpec({ isolation: 'thread', isolationFixed: true })], { overrides }),
  )
  assert.is(error.code, 'isolation-fixed')
  const same = await supervise([echoSpec({ isolation: 'process', isolationFixed: true })], { overrides })
  await same.stop()
})

test('names that nobody has are refused', async () => {
  const supervisor = await supervise([echoSpec()])
  assert.throws(
    () => supervisor.kill('nobody'),
    (error: { code?: string }) => error.code === 'unknown-actor',
  )
  await supervisor.stop()
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} stops the tree and leaves no process behind`, async () => {
    const program = spawn(process.execPath, [
      fileURLToPath(new URL('./fixtures/program.ts', import.meta.url)),
    ])
    const [line] = (await once(program.stdout, 'data')) as [Buffer]
    const actor = Number(String(line))
    assert.ok(isAlive(actor))
    program.kill(signal)
    const [exit] = (await once(program, 'exit')) as [number]
    assert.is(exit, code)
    await eventually('the actor’s process is gone', () => !isAlive(actor))
  })
}

test('a process ends when its supervisor is killed without a word', async () => {
  const program = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/program.ts', import.meta.url))])
  const [line] = (await once(program.stdout, 'data')) as [Buffer]
  const actor = Number(String(line))
  program.kill('SIGKILL')
  await once(program, 'exit')
  await eventually('the actor’s process is gone', () => !isAlive(actor))
})

test.run()
