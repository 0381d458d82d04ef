import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { IsolationName } from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { echo, front } from '../fixtures/echo.contract.ts'
import { echoSpec, frontSpec, isolations, supervise } from '../fixtures/start.ts'
import { deathsOf, statusOf, strainSpec } from './fixtures/start.ts'
import { strain } from './fixtures/strain.contract.ts'

for (const isolation of isolations) {
  test(`a ${isolation} that fills its heap dies alone, and comes back`, async () => {
    const supervisor = await supervise([echoSpec({ isolation, heapMb: 32 }), frontSpec()])
    const deaths = deathsOf(supervisor)
    supervisor.inflict('echo', { fault: 'out-of-memory' })
    await eventually('it came back', () => statusOf(supervisor, 'echo').incarnation === 2, 30_000)
    assert.is(await supervisor.ref(front).call.relay('linked'), 'linked')
    assert.is(statusOf(supervisor, 'front').incarnation, 1)
    assert.is(deaths.length, 1)
    if (isolation === 'thread') assert.match(String(deaths[0]), 'memory limit')
    await supervisor.stop()
  })
}

/** More than each takes when it has just started. */
const limits: Record<IsolationName, number> = { thread: 100, process: 250 }

for (const isolation of isolations) {
  test(`a ${isolation} whose buffers grow beyond its limit is ended, and told so`, async () => {
    const memoryMb = limits[isolation]
    const supervisor = await supervise([strainSpec({ isolation, memoryMb }), echoSpec()], {
      sampling: { everyMs: 250 },
    })
    const deaths = deathsOf(supervisor)
    await eventually('a sample', () => statusOf(supervisor, 'strain').sample)
    await supervisor.ref(strain).call.grow(4)
    await eventually('it came back', () => statusOf(supervisor, 'strain').incarnation === 2)
    assert.is(deaths.length, 1)
    const [, usedMb, limitMb] =
      /^strain: it used (\d+) MB of memory, its limit is (\d+) MB$/.exec(deaths[0] ?? '') ?? []
    assert.ok(Number(usedMb) > memoryMb, deaths[0])
    assert.is(Number(limitMb), memoryMb)
    await supervisor.ref(strain).call.spin(1)
    assert.is(statusOf(supervisor, 'echo').incarnation, 1)
    await supervisor.stop()
  })
}

test('without a limit memory may grow', async () => {
  const supervisor = await supervise([strainSpec()], { sampling: { everyMs: 250 } })
  const deaths = deathsOf(supervisor)
  await supervisor.ref(strain).call.grow(4)
  await eventually('it has grown', () => {
    const { sample } = statusOf(supervisor, 'strain')
    return sample && sample.heap.externalBytes > limits.thread * 2 ** 20
  })
  assert.equal(deaths, [])
  await supervisor.stop()
})

test('configuration has the last word on isolation and limits', async () => {
  const supervisor = await supervise([echoSpec({ memoryMb: 1_000 }), strainSpec({ memoryMb: 1_000 })], {
    overrides: { echo: { isolation: 'process' }, strain: { memoryMb: limits.thread } },
    sampling: { everyMs: 250 },
  })
  const deaths = deathsOf(supervisor)
  const pid = await supervisor.ref(echo).call.pid()
  assert.is.not(pid, process.pid)
  const { isolation, pid: told } = statusOf(supervisor, 'echo')
  assert.equal([isolation, told], ['process', pid])
  assert.is(statusOf(supervisor, 'strain').isolation, 'thread')
  await supervisor.ref(strain).call.grow(4)
  await eventually('its limit is kept', () => deaths.length > 0)
  assert.match(String(deaths[0]), `its limit is ${limits.thread} MB`)
  await supervisor.stop()
})

test.run()
