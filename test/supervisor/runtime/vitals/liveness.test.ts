import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../../../support/eventually.ts'
import { echo } from '../fixtures/echo.contract.ts'
import { echoSpec, frontSpec, isolations, supervise } from '../fixtures/start.ts'
import { deathsOf, patience, silenceOf, statusOf, strainSpec } from './fixtures/start.ts'
import { strain } from './fixtures/strain.contract.ts'

const hangMs = 600

for (const isolation of isolations) {
  test(`an endless loop in a ${isolation} is found, and it is started again`, async () => {
    const supervisor = await supervise([echoSpec({ isolation, hangMs }), frontSpec({ hangMs })])
    const deaths = deathsOf(supervisor)
    supervisor.inflict('echo', { fault: 'hang' })
    await eventually('it came back', () => statusOf(supervisor, 'echo').incarnation === 2)
    assert.is(await supervisor.ref(echo).call.echo('well'), 'well')
    assert.is(deaths.length, 1)
    assert.ok(silenceOf(deaths[0]) >= hangMs, deaths[0])
    assert.is(statusOf(supervisor, 'echo').lastDeath?.deliberate, false)
    await supervisor.stop()
  })
}

test('a process that was stopped by itself is found', async () => {
  if (process.platform === 'win32') {
    console.log('\nskipped: Windows stops no processes')
    return
  }
  const supervisor = await supervise([echoSpec({ isolation: 'process', hangMs }), frontSpec({ hangMs })])
  const deaths = deathsOf(supervisor)
  process.kill(Number(statusOf(supervisor, 'echo').pid), 'SIGSTOP')
  await eventually('it came back', () => statusOf(supervisor, 'echo').incarnation === 2)
  assert.is(deaths.length, 1)
  assert.ok(silenceOf(deaths[0]) >= hangMs, deaths[0])
  await supervisor.stop()
})

test('a thread that never comes back from native code is found, after more patience', async () => {
  const supervisor = await supervise([strainSpec({ hangMs: 300 })])
  const death = once(supervisor, 'death')
  const call = supervisor.ref(strain).call.sleepInside(6_000)
  await Promise.all([death, Promise.allSettled([call])])
  const { reason } = statusOf(supervisor, 'strain').lastDeath ?? {}
  assert.ok(silenceOf(reason) >= patience * 300, reason)
  await supervisor.stop()
})

test.run()
