import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import inspector from 'node:inspector'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Supervisor } from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { echoSpec, frontSpec, supervise } from '../fixtures/start.ts'
import type { Fate } from './fixtures/sleeping-machine.ts'
import { deathsOf, patience, silenceOf, statusOf, strainSpec } from './fixtures/start.ts'
import { strain } from './fixtures/strain.contract.ts'

const hangMs = 600

/**
 * Holds a thread up until it was for longer than its limit, and is answered. However long it took on this machine, it
 * must not have been ended before its patience was over.
 */
async function endures(held: number, holdUp: (supervisor: Supervisor) => Promise<number>): Promise<void> {
  for (let attempt = 1; attempt <= 6; attempt++) {
    const supervisor = await supervise([strainSpec({ hangMs: held })])
    const deaths = deathsOf(supervisor)
    const [outcome] = await Promise.allSettled([holdUp(supervisor)])
    await supervisor.stop()
    for (const death of deaths) {
      assert.ok(silenceOf(death) >= patience * held, `a false alarm: ${death}`)
    }
    if (outcome.status === 'fulfilled' && outcome.value > 1.2 * held) return
  }
  throw new Error('this machine held the thread up for too short or too long, each time')
}

test('a thread in native code for longer than its limit is left alone', () =>
  endures(hangMs, (supervisor) => supervisor.ref(strain).call.hash(1.6 * hangMs)))

test('a thread that collects garbage for longer than its limit is left alone', async () => {
  const objects = 4_000_000
  const trial = await supervise([strainSpec()])
  const usualMs = await trial.ref(strain).call.collect(objects)
  await trial.stop()
  const held = Math.round(usualMs / 1.6)
  await endures(held, (supervisor) => supervisor.ref(strain).call.collect(objects))
})

test('a process that writes a snapshot of its heap for longer than its limit is left alone', async () => {
  const folder = temporaryFolder()
  const snapshot = async (hangMs: number) => {
    const supervisor = await supervise([strainSpec({ isolation: 'process', hangMs })])
    const deaths = deathsOf(supervisor)
    // Bit by bit: making them is to be no hang.
    for (let n = 0; n < 40; n++) await supervisor.ref(strain).call.keep(10_000)
    const from = performance.now()
    await supervisor.ask('strain', { about: 'heap-snapshot', path: join(folder.path, 'heap') })
    const took = performance.now() - from
    assert.is(await supervisor.ref(strain).call.spin(0), undefined)
    await supervisor.stop()
    assert.equal(deaths, [])
    return took
  }
  const usualMs = await snapshot(Infinity)
  await snapshot(usualMs / 2)
  folder.remove()
})

test('nobody dies because the thread that supervises was held up', async () => {
  const supervisor = await supervise([echoSpec({ isolation: 'process', hangMs }), frontSpec({ hangMs })])
  const deaths = deathsOf(supervisor)
  for (let time = 0; time < 2; time++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * hangMs)
    await sleep(hangMs)
  }
  assert.equal(deaths, [])
  await supervisor.stop()
})

test('nobody is judged while a debugger is attached, and everybody is afterwards', async () => {
  const supervisor = await supervise([echoSpec({ isolation: 'process', hangMs }), frontSpec({ hangMs })])
  const deaths = deathsOf(supervisor)
  inspector.open(0)
  supervisor.inflict('echo', { fault: 'hang' })
  supervisor.inflict('front', { fault: 'hang' })
  await sleep(5 * hangMs)
  assert.equal(deaths, [])
  inspector.close()
  for (const name of ['echo', 'front'])
    await eventually(`${name} came back`, () => statusOf(supervisor, name).incarnation === 2)
  await supervisor.stop()
})

test('a machine that sleeps and wakes up kills nobody', async () => {
  if (process.platform === 'win32') {
    console.log('\nskipped: Windows stops no processes')
    return
  }
  const machine = fork(new URL('./fixtures/sleeping-machine.ts', import.meta.url), [String(hangMs)])
  const { pid } = await fateOf(machine)
  const processes = [Number(machine.pid), pid]
  for (let night = 0; night < 2; night++) {
    for (const id of processes) process.kill(id, 'SIGSTOP')
    await sleep((patience + 2) * hangMs)
    for (const id of processes) process.kill(id, 'SIGCONT')
    await sleep(2 * hangMs)
    assert.equal(await fateOf(machine), { pid, deaths: [], relayed: 'linked' })
  }
  machine.send('stop')
  await once(machine, 'exit')
})

async function fateOf(machine: ChildProcess): Promise<Fate> {
  machine.send('how are you?')
  const [fate] = (await once(machine, 'message')) as [Fate]
  return fate
}

test.run()
