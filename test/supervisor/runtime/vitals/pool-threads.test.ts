import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThreadSample } from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { samplesOf } from './fixtures/samples-of.ts'
import { deathsOf, statusOf, strainSpec } from './fixtures/start.ts'
import { strain } from './fixtures/strain.contract.ts'

const sampling = { everyMs: 500 }
const busy = ({ cpuPercent, utilization }: ThreadSample) => cpuPercent > 30 && utilization > 0.3

for (const isolation of isolations) {
  test(`threads that work for a ${isolation} are sampled with it, each by itself`, async () => {
    const supervisor = await supervise([strainSpec({ isolation })], { sampling })
    const { call } = supervisor.ref(strain)
    const names = await eventually('the threads of its pool', () => {
      const threads = statusOf(supervisor, 'strain').sample?.threads ?? []
      if (threads.length === 0) void call.spinInPool(1)
      return threads.length === 2 && threads.map(({ name }) => name)
    })
    assert.equal(names, ['pool 0', 'pool 1'])
    const spinning = call.spinInPool(4_000)
    const sample = await eventually('one that is busy', () => {
      const { sample } = statusOf(supervisor, 'strain')
      return sample?.threads.some(busy) && sample
    })
    assert.is(sample.threads.filter(busy).length, 1)
    for (const { cpuMs, heapUsedBytes, utilization } of sample.threads) {
      assert.ok(cpuMs > 0 && heapUsedBytes > 2 ** 20)
      assert.ok(utilization >= 0 && utilization <= 1)
    }
    // Its own event loop has nothing to do, whoever works for it.
    assert.ok(sample.utilization < 0.4, `${sample.utilization}`)
    await spinning
    await supervisor.stop()
  })
}

test('a thread that takes the place and the name of another begins to be measured anew', async () => {
  const supervisor = await supervise([strainSpec()], { sampling })
  const { call } = supervisor.ref(strain)
  await call.spinInPool(1_500)
  await samplesOf(supervisor, 'strain', 2)
  await call.renewPool()
  await call.spinInPool(1)
  for (const { threads } of await samplesOf(supervisor, 'strain', 2)) {
    for (const { name, cpuPercent, utilization } of threads) {
      assert.ok(cpuPercent >= 0, `${name}: ${cpuPercent} %`)
      assert.ok(utilization >= 0 && utilization <= 1, `${name}: ${utilization}`)
    }
  }
  await supervisor.stop()
})

test('a thread that is busy with native code does not keep its actor from saying how it is', async () => {
  const supervisor = await supervise([strainSpec()], { sampling })
  const { call } = supervisor.ref(strain)
  await call.spinInPool(1)
  await samplesOf(supervisor, 'strain', 1)
  let done = false
  const inside = call.sleepInPool(4_000).then(() => (done = true))
  const samples = await samplesOf(supervisor, 'strain', 3)
  assert.is(done, false)
  assert.ok(samples.every(({ threads }) => threads.length <= 2))
  await inside
  await supervisor.stop()
})

test('threads may begin and end while they are asked how they are', async () => {
  const supervisor = await supervise([strainSpec()], { sampling })
  const { call } = supervisor.ref(strain)
  const deaths = deathsOf(supervisor)
  const askedMeanwhile = async (change: Promise<void>) => {
    let under = true
    void change.finally(() => (under = false))
    while (under) await supervisor.ask('strain', { about: 'sample' })
    await change
  }
  for (let round = 0; round < 5; round++) {
    await askedMeanwhile(call.spinInPool(1))
    await askedMeanwhile(call.renewPool())
  }
  assert.equal(deaths, [])
  await supervisor.stop()
})

test.run()
