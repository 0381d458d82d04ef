import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type {
  ActorSample,
  ChildSpec,
  IsolationName,
  Supervisor,
} from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { echo } from '../fixtures/echo.contract.ts'
import { echoSpec, isolations, supervise } from '../fixtures/start.ts'
import { samplesOf } from './fixtures/samples-of.ts'
import { statusOf, strainSpec } from './fixtures/start.ts'
import { strain } from './fixtures/strain.contract.ts'

const everyMs = 500

const sampled = (spec: ChildSpec) => supervise([spec], { sampling: { everyMs } })
/** The next sample of which this holds. */
const sampleWith = (supervisor: Supervisor, name: string, holds: (sample: ActorSample) => boolean) =>
  eventually(`such a sample of ${name}`, () => {
    const { sample } = statusOf(supervisor, name)
    return sample && holds(sample) ? sample : undefined
  })

/** Where a sample says that memory is. */
function assertMemory({ heap, rssBytes }: ActorSample, isolation: IsolationName): void {
  assert.ok(heap.usedBytes > 2 ** 20 && heap.usedBytes <= heap.totalBytes)
  assert.ok(heap.externalBytes > 0)
  if (isolation === 'thread') assert.is(rssBytes, null)
  else assert.ok(Number(rssBytes) > heap.totalBytes)
}

for (const isolation of isolations) {
  test(`a ${isolation} says how it is once per period, each period joined to the one before`, async () => {
    const supervisor = await sampled(echoSpec({ isolation }))
    const samples = await samplesOf(supervisor, 'echo', 6)
    const periods = samples.map(({ periodMs }) => periodMs)
    // Its clock ticks every 250 ms: a tick that comes early must not cost a period.
    assert.ok(
      periods.every((ms) => ms >= everyMs - 130),
      String(periods),
    )
    const shortest = Math.min(...periods)
    assert.ok(shortest < 2 * everyMs, String(periods))
    for (const [index, { at, periodMs }] of samples.entries()) {
      const before = samples[index - 1]
      if (before)
        assert.ok(Math.abs(at - before.at - periodMs) < 200, `${at - before.at} ms, said ${periodMs}`)
    }
    for (const sample of samples) assertMemory(sample, isolation)
    await supervisor.stop()
  })

  test(`a ${isolation} that waits gives back what its start took`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })], { sampling: { everyMs: 250 } })
    const [first] = await samplesOf(supervisor, 'echo', 1)
    assert.ok(first)
    const given = await sampleWith(
      supervisor,
      'echo',
      ({ heap }) => heap.totalBytes < 0.9 * first.heap.totalBytes,
    )
    assert.ok(given.heap.usedBytes < first.heap.usedBytes)
    await supervisor.stop()
  })

  test(`work of a ${isolation} shows in its share of a core and of its event loop`, async () => {
    const supervisor = await sampled(echoSpec({ isolation }))
    const idle = await sampleWith(
      supervisor,
      'echo',
      ({ cpuPercent, utilization }) => cpuPercent < 15 && utilization < 0.2,
    )
    supervisor.inflict('echo', { fault: 'burn', forMs: 20_000, share: 0.8 })
    const busy = await sampleWith(
      supervisor,
      'echo',
      ({ cpuPercent, utilization }) => cpuPercent > 30 && utilization > 0.5,
    )
    assert.ok(busy.utilization <= 1)
    const spentMs = (sample: ActorSample) => sample.cpu.userMs + sample.cpu.systemMs
    // What it spent since is at least what it says of its last period.
    assert.ok(spentMs(busy) - spentMs(idle) >= (0.99 * busy.cpuPercent * busy.periodMs) / 100)
    await supervisor.stop()
  })

  test(`the mailbox of a ${isolation} is as deep as calls wait, and calls, errors and latencies are counted`, async () => {
    const supervisor = await sampled(echoSpec({ isolation }))
    const { call } = supervisor.ref(echo)
    const waiting = Array.from({ length: 5 }, () => call.slowAgain(2_500))
    const deep = await sampleWith(supervisor, 'echo', ({ mailbox }) => mailbox.depth > 0)
    assert.equal([deep.mailbox.depth, deep.mailbox.deepest], [5, 5])
    assert.ok(deep.mailbox.bytes > 0)
    await Promise.all([...waiting, rejection(call.fail('a')), rejection(call.fail('b'))])
    for (let n = 0; n < 93; n++) await call.echo(n)
    const { mailbox, calls, errors, latencyUs } = await sampleWith(
      supervisor,
      'echo',
      (sample) => sample.calls >= 100,
    )
    assert.equal([mailbox.depth, mailbox.bytes, calls, errors], [0, 0, 100, 2])
    const { p50, p90, p99, max } = latencyUs
    assert.ok(0 < p50 && p50 <= p90 && p90 <= p99 && p99 <= max, JSON.stringify(latencyUs))
    assert.ok(p90 < 2_000_000 && max >= 2_400_000 && max < 10_000_000, JSON.stringify(latencyUs))
    await supervisor.stop()
  })

  test(`an event loop of a ${isolation} that was held up says by how much`, async () => {
    const supervisor = await sampled(strainSpec({ isolation }))
    await sampleWith(supervisor, 'strain', ({ delayMs }) => delayMs.max < 300)
    await supervisor.ref(strain).call.spin(1_000)
    const { delayMs } = await sampleWith(supervisor, 'strain', (sample) => sample.delayMs.max > 700)
    assert.ok(delayMs.mean > 0 && delayMs.mean <= delayMs.max)
    assert.ok(delayMs.max < 10_000)
    await sampleWith(supervisor, 'strain', (sample) => sample.delayMs.max < 300)
    await supervisor.stop()
  })

  test(`a ${isolation} begins anew to count in its next life`, async () => {
    const supervisor = await sampled(echoSpec({ isolation }))
    const { call } = supervisor.ref(echo)
    for (let n = 0; n < 5; n++) await call.echo(n)
    await sampleWith(supervisor, 'echo', ({ calls }) => calls === 5)
    supervisor.kill('echo')
    await call.slowAgain(1)
    const { calls } = await sampleWith(supervisor, 'echo', () => true)
    assert.is(calls, 1)
    await supervisor.stop()
  })
}

test('the thread that supervises is sampled too', async () => {
  const supervisor = await sampled(echoSpec())
  const sample = await eventually('its sample', () => supervisor.sample)
  assertMemory(sample, 'process')
  assert.equal(sample.threads, [])
  await supervisor.stop()
})

test('without sampling nobody says anything', async () => {
  const supervisor = await supervise([echoSpec(), strainSpec({ isolation: 'process' })], { sampling: false })
  const heard: string[] = []
  supervisor.on('sample', (name) => heard.push(name))
  await sleep(2_000)
  assert.equal(heard, [])
  assert.is(supervisor.sample, undefined)
  for (const { sample } of supervisor.children) assert.is(sample, undefined)
  // It can be asked all the same.
  assert.ok(((await supervisor.ask('echo', { about: 'sample' })) as ActorSample).periodMs > 1_000)
  await supervisor.stop()
})

test.run()
