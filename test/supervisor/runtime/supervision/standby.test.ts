import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { IsolationName, Supervisor, SupervisorInit } from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { CountedIsolates } from './fixtures/counted-isolates.ts'
import { starts, stops, type MemberInit } from './fixtures/member.contract.ts'
import {
  atMost,
  call,
  crash,
  deathsOf,
  inLives,
  inState,
  member,
  stopAll,
  superviseMembers,
} from './fixtures/members.ts'

/*
 * A standby is a second isolate with the actor's code loaded. That restarts get faster by it is a matter of the benches;
 * here is that it changes nothing else.
 */

const ready = (supervisor: Supervisor) =>
  eventually('the standby is ready', () => supervisor.standbyReady('spare'))

async function superviseSpare(
  init: SupervisorInit = {},
  changes: { isolation?: IsolationName; init?: () => MemberInit; restart?: 'transient' } = {},
): Promise<{ supervisor: Supervisor; isolates: CountedIsolates }> {
  const isolates = new CountedIsolates()
  const supervisor = await superviseMembers([member('spare', { standby: true, ...changes })], {
    isolations: isolates,
    ...init,
  })
  return { supervisor, isolates }
}

for (const isolation of ['thread', 'process'] as const) {
  test(`the standby of a ${isolation} takes over when the actor is killed or fails, and there is a new one then`, async () => {
    const { supervisor, isolates } = await superviseSpare({}, { isolation })
    await ready(supervisor)
    assert.is(isolates.all.length, 2)
    supervisor.kill('spare')
    await inLives(supervisor, { spare: 2 })
    assert.is((await call(supervisor, 'spare').life()).incarnation, 2)
    await ready(supervisor)
    assert.is(isolates.all.length, 3, 'life 2 is in the second isolate, the third stands by')

    await crash(supervisor, 'spare')
    await inLives(supervisor, { spare: 3 })
    await ready(supervisor)
    assert.is(isolates.all.length, 4)
    assert.is(isolates.live, 2)
    await supervisor.stop()
    assert.is(isolates.live, 0)
  })
}

test('what a standby rehearsed is no part of what the actor did', async () => {
  const { supervisor, isolates } = await superviseSpare()
  await ready(supervisor)
  await eventually('it rehearses', () => isolates.told('rehearse') === 1)
  supervisor.kill('spare')
  await inLives(supervisor, { spare: 2 })
  await call(supervisor, 'spare').life()
  const names = supervisor.recording('spare').entries.map(({ name }) => name)
  assert.equal([...new Set(names)], ['life'])
  assert.equal(supervisor.children[0]?.deadLetters.counts, {})
  await supervisor.stop()
})

test('a standby starts nothing before it takes over, and is given what is true then', async () => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  let mark = 0
  const { supervisor } = await superviseSpare({}, { init: () => ({ counts, mark: ++mark }) })
  for (const life of [1, 2, 3]) {
    await ready(supervisor)
    assert.is(Atomics.load(counts, starts), life, 'one start for each life')
    assert.is(mark, life, 'its init is not read in advance')
    const told = await call(supervisor, 'spare').life()
    assert.equal([told.incarnation, told.init.mark], [life, life])
    supervisor.kill('spare')
    await inLives(supervisor, { spare: life + 1 })
  }
  await ready(supervisor)
  await supervisor.stop()
  assert.is(Atomics.load(counts, starts), 4)
  assert.is(Atomics.load(counts, stops), 1, 'a standby has nothing to stop')
})

test('an actor that is killed faster than a standby can load comes back each time, and leaves nothing behind', async () => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const { supervisor, isolates } = await superviseSpare(
    { intensity: atMost(0) },
    { init: () => ({ counts }) },
  )
  const lives = 8
  supervisor.on('change', ({ state, incarnation }) => {
    if (state !== 'running' || incarnation >= lives) return
    supervisor.kill('spare')
    // While it is going down it is not killed once more.
    supervisor.kill('spare')
  })
  supervisor.kill('spare')
  await inLives(supervisor, { spare: lives })
  assert.is((await call(supervisor, 'spare').life()).incarnation, lives)
  assert.is(Atomics.load(counts, starts), lives)
  await ready(supervisor)
  assert.is(isolates.live, 2, 'the actor and its standby')
  assert.is(isolates.all.length, lives + 1, 'none was loaded in vain')
  await supervisor.stop()
  assert.is(isolates.live, 0)
})

test('a standby that dies is no death of the actor, which can do without', async () => {
  const { supervisor, isolates } = await superviseSpare({ intensity: atMost(0) })
  const deaths = deathsOf(supervisor)
  await ready(supervisor)
  const [, standby] = isolates.all
  standby?.kill()
  await standby?.exited
  assert.is(supervisor.standbyReady('spare'), false)
  assert.is((await call(supervisor, 'spare').life()).incarnation, 1)
  assert.equal(deaths, [])

  supervisor.kill('spare', 'a test')
  await inLives(supervisor, { spare: 2 })
  assert.is((await call(supervisor, 'spare').life()).incarnation, 2)
  assert.equal(deaths, ['spare: a test'])
  await ready(supervisor)
  assert.is(isolates.live, 2)
  await supervisor.stop()
  assert.is(isolates.live, 0)
})

test('a standby that takes over and fails to start counts as any start that fails', async () => {
  let fails = false
  const { supervisor, isolates } = await superviseSpare(
    { intensity: atMost(1), whenExhausted: 'give-up' },
    {
      init: () => {
        if (fails) throw new Error('there is nothing to start with')
        return {}
      },
    },
  )
  await ready(supervisor)
  fails = true
  supervisor.kill('spare')
  await inState(supervisor, 'spare', 'failed')
  assert.is(supervisor.children[0]?.incarnation, 3, 'the one for the kill, and one more')
  assert.match(supervisor.children[0]?.lastDeath?.reason ?? '', 'there is nothing to start with')
  await eventually('no isolate is left', () => isolates.live === 0)
  fails = false
  supervisor.revive('spare')
  await inLives(supervisor, { spare: 4 })
  await supervisor.stop()
  assert.is(isolates.live, 0)
})

for (const isolation of ['thread', 'process'] as const) {
  test(`who stops while the standby of a ${isolation} loads waits for the end of both`, async () => {
    const { supervisor, isolates } = await superviseSpare({}, { isolation })
    supervisor.kill('spare')
    assert.is(isolates.all.length, 2, 'the next life loads while the last one ends')
    await supervisor.stop()
    assert.is(isolates.live, 0)
  })
}

test('an actor that has ended for good has no standby any more', async () => {
  const { supervisor, isolates } = await superviseSpare({}, { restart: 'transient' })
  await ready(supervisor)
  await rejection(call(supervisor, 'spare').exit(0))
  await inState(supervisor, 'spare', 'stopped')
  await eventually('no isolate is left', () => isolates.live === 0)
  assert.is(supervisor.standbyReady('spare'), false)
  await supervisor.stop()
})

for (const how of [
  'is stopped',
  'is killed and stopped',
  'is removed',
  'fails too often',
  'is given up',
  'ends for good',
]) {
  test(`a program whose actor ${how} ends by itself: no standby holds it`, async () => {
    const path = fileURLToPath(new URL('./fixtures/standby-program.ts', import.meta.url))
    const program = spawn(process.execPath, [path, how], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    program.stdout.on('data', (chunk: Buffer) => (said += String(chunk)))
    try {
      await eventually('the program says that it is done', () => said === 'done\n')
      await eventually('it has ended', () => program.exitCode !== null)
      assert.is(program.exitCode, 0)
    } finally {
      program.kill('SIGKILL')
      if (program.exitCode === null && program.signalCode === null) await once(program, 'exit')
    }
  })
}

test.after.each(stopAll)
test.run()
