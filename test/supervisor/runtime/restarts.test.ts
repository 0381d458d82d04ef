import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Strategy, Supervisor } from '../../../supervisor/runtime/index.ts'
import { eventually } from '../../support/eventually.ts'
import { rejection } from '../../support/rejection.ts'
import { echo, front } from './fixtures/echo.contract.ts'
import { echoSpec, frontSpec, isolations, supervise } from './fixtures/start.ts'

const child = (supervisor: Supervisor, name: string) =>
  supervisor.children.find((status) => status.name === name)
const running = (supervisor: Supervisor, name: string, incarnation: number) =>
  eventually(`${name} in life ${incarnation}`, () => {
    const status = child(supervisor, name)
    return status?.state === 'running' && status.incarnation === incarnation
  })

for (const isolation of isolations) {
  test(`a call in flight when its ${isolation} dies is told which life died, and why`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const call = rejection(supervisor.ref(echo).call.slow(60_000))
    await supervisor.ref(echo).call.echo('it has arrived')
    supervisor.kill('echo', 'a test')
    const error = await call
    assert.is(error.code, 'actor-down')
    assert.is(error.actor, 'echo')
    assert.is(error.incarnation, 1)
    assert.match(error.message, 'a test')
    await supervisor.stop()
  })

  test(`an idempotent call is sent again when its ${isolation} dies under it`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const call = supervisor.ref(echo).call.slowAgain(200)
    await supervisor.ref(echo).call.echo('it has arrived')
    supervisor.kill('echo')
    assert.is(await call, 2)
    await supervisor.stop()
  })

  test(`a ${isolation} that throws, or ends itself, is started again with the init of that moment`, async () => {
    let start = 0
    const supervisor = await supervise([echoSpec({ isolation, init: () => ++start })])
    const ref = supervisor.ref(echo)
    await Promise.allSettled([ref.call.throwLater('a bug')])
    await running(supervisor, 'echo', 2)
    assert.match(String(child(supervisor, 'echo')?.lastDeath?.reason), 'a bug')
    assert.is(await ref.call.init(), 2)
    await rejection(ref.call.exit(3))
    await running(supervisor, 'echo', 3)
    assert.match(String(child(supervisor, 'echo')?.lastDeath?.reason), 'exit code 3')
    await supervisor.stop()
  })
}

test('a call made while the actor is away waits for it', async () => {
  const supervisor = await supervise([echoSpec()])
  const died = once(supervisor, 'death')
  supervisor.kill('echo')
  await died
  assert.is(child(supervisor, 'echo')?.state, 'restarting')
  assert.is(await supervisor.ref(echo).call.slow(1), 'done')
  await supervisor.stop()
})

const restartedWithEcho: [Strategy, front: number][] = [
  ['one-for-one', 1],
  ['rest-for-one', 2],
  ['one-for-all', 2],
]
for (const [strategy, frontLife] of restartedWithEcho) {
  test(`${strategy} restarts ${frontLife === 1 ? 'only the one' : 'also those'} after the one that died`, async () => {
    const supervisor = await supervise([echoSpec(), frontSpec()], { strategy })
    supervisor.kill('echo')
    await running(supervisor, 'echo', 2)
    await running(supervisor, 'front', frontLife)
    assert.is(await supervisor.ref(front).call.relay('linked'), 'linked')
    await supervisor.stop()
  })
}

test('rest-for-one leaves those before the one that died alone', async () => {
  const supervisor = await supervise([echoSpec(), frontSpec()], { strategy: 'rest-for-one' })
  supervisor.kill('front')
  await running(supervisor, 'front', 2)
  assert.is(child(supervisor, 'echo')?.incarnation, 1)
  await supervisor.stop()
})

test('a transient child that ends normally stays down, one that crashes comes back', async () => {
  const supervisor = await supervise([echoSpec({ isolation: 'process', restart: 'transient' })])
  await rejection(supervisor.ref(echo).call.exit(1))
  await running(supervisor, 'echo', 2)
  await rejection(supervisor.ref(echo).call.exit(0))
  await eventually('stopped', () => child(supervisor, 'echo')?.state === 'stopped')
  assert.is((await rejection(supervisor.ref(echo).call.echo('hello?'))).code, 'actor-down')
  await supervisor.stop()
})

test('a temporary child is never restarted', async () => {
  const supervisor = await supervise([echoSpec({ restart: 'temporary' })])
  supervisor.kill('echo')
  await eventually('stopped', () => child(supervisor, 'echo')?.state === 'stopped')
  await supervisor.stop()
})

test('a child that fails too often is given up, its callers are told, and it can be revived', async () => {
  const supervisor = await supervise([echoSpec()], {
    intensity: { max: 2, periodMs: 60_000 },
    whenExhausted: 'give-up',
  })
  const ref = supervisor.ref(echo)
  for (const life of [2, 3]) {
    await Promise.allSettled([ref.call.throwLater('a bug')])
    await running(supervisor, 'echo', life)
  }
  const gaveUp = once(supervisor, 'gaveUp')
  await Promise.allSettled([ref.call.throwLater('a bug')])
  await gaveUp
  assert.is(child(supervisor, 'echo')?.state, 'failed')
  assert.is((await rejection(ref.call.echo('anyone?'))).code, 'actor-down')
  supervisor.revive('echo')
  await running(supervisor, 'echo', 4)
  assert.is(await ref.call.echo('again'), 'again')
  await supervisor.stop()
})

test('a child that somebody kills, however often, comes back each time', async () => {
  const supervisor = await supervise([echoSpec()], { intensity: { max: 2, periodMs: 60_000 } })
  for (const life of [2, 3, 4, 5, 6]) {
    supervisor.kill('echo')
    await running(supervisor, 'echo', life)
  }
  await supervisor.stop()
})

test('an actor that starts while the one it calls is given up is told so at once', async () => {
  const supervisor = await supervise([echoSpec(), frontSpec()], {
    intensity: { max: 0, periodMs: 60_000 },
    whenExhausted: 'give-up',
  })
  const gaveUp = once(supervisor, 'gaveUp')
  await Promise.allSettled([supervisor.ref(echo).call.throwLater('a bug')])
  await gaveUp
  supervisor.kill('front')
  await running(supervisor, 'front', 2)
  assert.is((await rejection(supervisor.ref(front).call.relay('hello?'))).code, 'actor-down')
  await supervisor.stop()
})

test.run()
