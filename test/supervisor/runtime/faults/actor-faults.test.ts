import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  childSpec,
  FaultNotContained,
  type ActorFault,
  type ActorSample,
  type Supervisor,
} from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { echo } from '../fixtures/echo.contract.ts'
import { echoSpec, isolations, supervise } from '../fixtures/start.ts'
import { openScratch } from '../kill-safety/scratch-database.ts'
import { hoarder } from './fixtures/hoarder.contract.ts'
import { inLife } from './fixtures/in-life.ts'

const forMs = 600_000

function sampleOf(supervisor: Supervisor): Promise<ActorSample> {
  // What a question about a sample is answered with.
  return supervisor.ask('echo', { about: 'sample' }) as Promise<ActorSample>
}

const deaths: [ActorFault, reason: RegExp][] = [
  [{ fault: 'throw' }, /an error that nobody catches/],
  [{ fault: 'reject' }, /a rejection that nobody awaits/],
  [{ fault: 'exit', code: 7 }, /exit code 7/],
]

for (const isolation of isolations) {
  for (const [fault, reason] of deaths) {
    test(`the fault ${fault.fault} ends a ${isolation} with its own reason, and it comes back`, async () => {
      const supervisor = await supervise([echoSpec({ isolation })])
      for (const life of [2, 3]) {
        supervisor.inflict('echo', fault)
        await inLife(supervisor, 'echo', life)
        const [child] = supervisor.children
        assert.match(String(child?.lastDeath?.reason), reason)
        assert.is(child?.lastDeath?.normal, false)
        assert.is(await supervisor.ref(echo).call.incarnation(), life)
      }
      await supervisor.stop()
    })
  }

  test(`the fault burn keeps a ${isolation} busy, and it answers all the while`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })], { sampling: { everyMs: 250 } })
    const { call } = supervisor.ref(echo)
    const utilization = () => supervisor.children[0]?.sample?.utilization ?? NaN
    supervisor.inflict('echo', { fault: 'burn', forMs, share: 0.9 })
    await eventually('it is busy', async () => {
      assert.is(await call.echo('there?'), 'there?')
      return utilization() > 0.5
    })
    assert.is(await call.incarnation(), 1)
    await supervisor.stop()
  })

  test(`the fault burn of a ${isolation} ends after its time`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })], { sampling: { everyMs: 250 } })
    supervisor.inflict('echo', { fault: 'burn', forMs: 300, share: 0.9 })
    // Answered after the fault, which came the same way: samples from now on are of what it does.
    await sampleOf(supervisor)
    await once(supervisor, 'sample')
    await eventually('it is idle', () => Number(supervisor.children[0]?.sample?.utilization) < 0.2)
    await supervisor.stop()
  })

  test(`the fault slow-mailbox holds the calls of a ${isolation} up, and not its supervisor's questions`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })], { sampling: false })
    const { call } = supervisor.ref(echo)
    const answers: unknown[] = []
    const calls = () =>
      ['first', 'second'].map((name) => call.echo(name).then((value) => answers.push(value)))
    supervisor.inflict('echo', { fault: 'slow-mailbox', forMs, ms: 20 })
    // Answered after the fault, which came the same way.
    await sampleOf(supervisor)
    await Promise.all(calls())
    assert.equal(answers, ['first', 'second'])

    supervisor.inflict('echo', { fault: 'slow-mailbox', forMs, ms: forMs })
    await sampleOf(supervisor)
    const heldUp = calls()
    await eventually('both wait', async () => (await sampleOf(supervisor)).mailbox.depth === 2)
    assert.is(answers.length, 2)
    // They are sent again, to a life that is as fast as ever.
    supervisor.kill('echo')
    await Promise.all(heldUp)
    assert.equal(answers, ['first', 'second', 'first', 'second'])
    await supervisor.stop()
  })
}

test('the faults segfault and out-of-memory end a process alone, and it comes back', async () => {
  const supervisor = await supervise([echoSpec({ isolation: 'process', heapMb: 32 })])
  supervisor.inflict('echo', { fault: 'segfault' })
  await inLife(supervisor, 'echo', 2)
  assert.match(String(supervisor.children[0]?.lastDeath?.reason), 'signal SIGSEGV')
  supervisor.inflict('echo', { fault: 'out-of-memory' })
  await inLife(supervisor, 'echo', 3)
  assert.is(await supervisor.ref(echo).call.incarnation(), 3)
  await supervisor.stop()
})

test('what would take more down than a thread is refused, and nothing happens to it', async () => {
  const supervisor = await supervise([echoSpec()])
  for (const fault of ['segfault', 'out-of-memory'] as const) {
    assert.throws(
      () => supervisor.inflict('echo', { fault }),
      (error: unknown) =>
        error instanceof FaultNotContained &&
        error.code === 'fault-not-contained' &&
        error.message.includes(`"${fault}"`),
    )
  }
  assert.is(await supervisor.ref(echo).call.incarnation(), 1)
  await supervisor.stop()

  const limited = await supervise([echoSpec({ heapMb: 64 })])
  assert.throws(() => limited.inflict('echo', { fault: 'segfault' }), /cannot be given the fault "segfault"/)
  await limited.stop()
})

test('a thread with a heap limit that runs out of memory, a database open, dies alone each time of five', async () => {
  const folder = temporaryFolder()
  const path = `${folder.path}/entries.db`
  const spec = childSpec({
    contract: hoarder,
    entry: new URL('./fixtures/hoarder.actor.ts', import.meta.url),
    heapMb: 64,
    hangMs: 60_000,
    init: () => path,
  })
  const supervisor = await supervise([echoSpec(), spec])
  const { call } = supervisor.ref(hoarder)
  for (let life = 1; life <= 5; life++) {
    assert.is(await call.write(), life)
    supervisor.inflict('hoarder', { fault: 'out-of-memory' })
    await inLife(supervisor, 'hoarder', life + 1)
    assert.match(String(supervisor.children[1]?.lastDeath?.reason), 'memory')
  }
  assert.is(await call.write(), 6)
  assert.is(await supervisor.ref(echo).call.incarnation(), 1)
  await supervisor.stop()
  const database = openScratch(path, true)
  assert.is(database.pragma('integrity_check', { simple: true }), 'ok')
  database.close()
  folder.remove()
})

test.run()
