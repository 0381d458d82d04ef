import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { busyShare, profileTree, type ActorProfile } from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { echoSpec, frontSpec, supervise } from '../fixtures/start.ts'
import { statusOf, strainSpec } from '../vitals/fixtures/start.ts'
import { strain } from '../vitals/fixtures/strain.contract.ts'

const namesOf = (profiles: readonly ActorProfile[]) => profiles.map(({ name }) => name).toSorted()
const profileOf = (profiles: readonly ActorProfile[], wanted: string) => {
  const found = profiles.find(({ name }) => name === wanted)
  if (!found) throw new Error(`no profile of ${wanted}`)
  return found
}
const functionsIn = ({ profile }: ActorProfile) =>
  new Set(profile.nodes.map(({ callFrame }) => callFrame.functionName))

test('a tree is profiled at once: each actor and the thread that supervises, wherever they run', async () => {
  const supervisor = await supervise([
    echoSpec({ isolation: 'process' }),
    frontSpec({ isolation: 'thread' }),
    strainSpec({ isolation: 'thread' }),
  ])
  supervisor.inflict('front', { fault: 'burn', forMs: 20_000, share: 0.9 })
  const profiles = await profileTree(supervisor, { forMs: 1_000 })
  assert.equal(namesOf(profiles), ['echo', 'front', 'main', 'strain'])
  for (const { profile } of profiles) assert.ok(profile.endTime - profile.startTime >= 900_000)
  const starts = profiles.map(({ profile }) => profile.startTime)
  assert.ok(Math.max(...starts) < Math.min(...profiles.map(({ profile }) => profile.endTime)), 'all at once')

  const { pid } = statusOf(supervisor, 'echo')
  assert.is(profileOf(profiles, 'echo').pid, pid)
  for (const name of ['main', 'front', 'strain']) assert.is(profileOf(profiles, name).pid, process.pid)
  assert.is(new Set(profiles.map(({ pid: of, thread }) => `${of} ${thread}`)).size, 4)

  const burning = profileOf(profiles, 'front')
  assert.ok([...functionsIn(burning)].some((name) => name === 'slice' || name === 'burn' || name === ''))
  assert.ok(busyShare(burning.profile) > 0.5)
  for (const name of ['echo', 'main', 'strain'])
    assert.ok(busyShare(profileOf(profiles, name).profile) < 0.5, name)
  await supervisor.stop()
})

test('the function in which an actor spends its time is in its profile and in no other', async () => {
  const supervisor = await supervise([echoSpec(), strainSpec({ isolation: 'process' })])
  const taken = profileTree(supervisor, { forMs: 1_000 })
  await sleep(200)
  await supervisor.ref(strain).call.spin(500)
  const profiles = await taken
  for (const profile of profiles)
    assert.is(functionsIn(profile).has('spin'), profile.name === 'strain', profile.name)
  await supervisor.stop()
})

test('only those are profiled that were named', async () => {
  const supervisor = await supervise([echoSpec(), frontSpec()])
  assert.equal(namesOf(await profileTree(supervisor, { forMs: 50, names: ['front'] })), ['front'])
  assert.equal(namesOf(await profileTree(supervisor, { forMs: 50, names: ['main'] })), ['main'])
  const error = await rejection(profileTree(supervisor, { forMs: 50, names: ['echo', 'nobody'] }))
  assert.is(error.code, 'unknown-actor')
  await supervisor.stop()
})

test('when one cannot be profiled, the others do not go on', async () => {
  const supervisor = await supervise([echoSpec()])
  await rejection(profileTree(supervisor, { forMs: 50, names: ['echo', 'nobody'] }))
  assert.equal(await supervisor.ask('echo', { about: 'profile-stop' }), [])
  await supervisor.stop()
})

test('an actor that dies meanwhile is left out, come back or not, and so is one that is removed', async () => {
  const supervisor = await supervise([
    echoSpec({ restart: 'temporary' }),
    frontSpec({ isolation: 'process' }),
    strainSpec(),
  ])
  for (const [names, end] of [
    [['front', 'main', 'strain'], () => supervisor.kill('echo')],
    [['main', 'strain'], () => supervisor.kill('front')],
    [['front', 'main'], () => supervisor.remove(['strain'])],
  ] as const) {
    const taken = profileTree(supervisor, { forMs: 1_500 })
    await sleep(300)
    await end()
    assert.equal(namesOf(await taken), names)
    await eventually('front is back', () => statusOf(supervisor, 'front').state === 'running')
  }
  await supervisor.stop()
})

for (const isolation of ['thread', 'process'] as const) {
  test(`threads that work for a ${isolation} are profiled with it`, async () => {
    const supervisor = await supervise([strainSpec({ isolation })])
    const { call } = supervisor.ref(strain)
    await Promise.all([call.spinInPool(300), call.spinInPool(300)])
    const taken = profileTree(supervisor, { forMs: 1_000, names: ['strain'] })
    await sleep(200)
    await Promise.all([call.spinInPool(500), call.spinInPool(500)])
    const profiles = await taken
    assert.equal(namesOf(profiles), ['strain', 'strain pool 0', 'strain pool 1'])
    assert.is(new Set(profiles.map(({ thread }) => thread)).size, 3)
    assert.not.ok(functionsIn(profileOf(profiles, 'strain')).has('whirl'))
    for (const name of ['strain pool 0', 'strain pool 1'])
      assert.ok(functionsIn(profileOf(profiles, name)).has('whirl'), name)
    await supervisor.stop()
  })
}

test('a thread of a pool that ends meanwhile is left out, and its actor is not', async () => {
  const supervisor = await supervise([strainSpec()])
  const { call } = supervisor.ref(strain)
  await call.spinInPool(1)
  const taken = profileTree(supervisor, { forMs: 1_000 })
  await sleep(300)
  await call.renewPool()
  assert.equal(namesOf(await taken), ['main', 'strain'])
  await supervisor.stop()
})

test.run()
