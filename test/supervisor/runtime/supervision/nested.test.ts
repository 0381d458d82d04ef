import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Strategy } from '../../../../supervisor/runtime/index.ts'
import { rejection } from '../../../support/rejection.ts'
import {
  atMost,
  call,
  changed,
  crash,
  deathsOf,
  inLives,
  inState,
  member,
  status,
  stopAll,
  storyOf,
  superviseMembers,
} from './fixtures/members.ts'

/*
 * Supervisors below supervisors, with actors on threads. What holds in every tree is shown with isolates in memory, in
 * otp-rules.test.ts and races.test.ts; here is that real ones do as those do.
 */

const restarted: [Strategy, before: number, after: number][] = [
  ['one-for-one', 1, 1],
  ['rest-for-one', 1, 2],
  ['one-for-all', 2, 2],
]
for (const [strategy, before, after] of restarted) {
  test(`a supervisor whose children fail too often fails itself, and comes back as a whole, ${strategy}`, async () => {
    const branch = {
      supervisor: 'branch',
      intensity: atMost(1),
      children: [member('left'), member('right')],
    }
    const supervisor = await superviseMembers([member('before'), branch, member('after')], { strategy })
    await crash(supervisor, 'left')
    await inLives(supervisor, { left: 2, right: 1, branch: 1 })

    const deaths = deathsOf(supervisor)
    const story = storyOf(supervisor)
    await crash(supervisor, 'left', 'another bug')
    await inLives(supervisor, { before, branch: 2, left: 3, right: 2, after })
    assert.equal(deaths, [
      'left: another bug',
      'branch: left went down more than 1 times in 3600 s, last: another bug',
    ])
    assert.equal(
      story.slice(0, 2),
      ['-right', 'right gone'],
      'what is left of the branch stops in good order',
    )

    // It counts from the start again.
    await crash(supervisor, 'left')
    await inLives(supervisor, { before, branch: 2, left: 4, right: 2, after })
  })
}

test('what no supervisor can mend stops everything in reverse order, and the report says who and why', async () => {
  const inner = {
    supervisor: 'inner',
    intensity: atMost(0),
    children: [member('third'), member('culprit'), member('fourth')],
  }
  const outer = {
    supervisor: 'outer',
    intensity: atMost(0),
    children: [member('second', { shutdownMs: 50, init: () => ({ stopMs: 3_600_000 }) }), inner],
  }
  const supervisor = await superviseMembers([member('first'), outer, member('last')], {
    intensity: atMost(0),
  })
  const story = storyOf(supervisor)
  const exhausted = once(supervisor, 'exhausted')
  await crash(supervisor, 'culprit')
  await exhausted
  assert.equal(
    story,
    ['fourth', 'third', 'second', 'last', 'first'].flatMap((name) => [`-${name}`, `${name} gone`]),
  )
  assert.equal((await rejection(call(supervisor, 'first').life())).code, 'actor-down')
})

test('the report of an exhausted root has everyone’s last state', async () => {
  const branch = {
    supervisor: 'branch',
    intensity: atMost(0),
    children: [
      member('stubborn', { shutdownMs: 50, init: () => ({ stopMs: 3_600_000 }) }),
      member('culprit'),
    ],
  }
  const supervisor = await superviseMembers([member('first'), branch], { intensity: atMost(0) })
  const reports: string[] = []
  supervisor.on('exhausted', ({ reason, children }) => {
    reports.push(reason)
    for (const { name, state, lastDeath } of children)
      reports.push(`${name} ${state}, ${lastDeath?.reason ?? 'no death'}`)
  })
  const exhausted = once(supervisor, 'exhausted')
  await crash(supervisor, 'culprit')
  await exhausted
  const ofCulprit = 'culprit went down more than 0 times in 3600 s, last: a bug'
  assert.equal(reports, [
    `branch went down more than 0 times in 3600 s, last: ${ofCulprit}`,
    'first stopped, no death',
    `branch stopped, ${ofCulprit}`,
    'stubborn stopped, it had not stopped after 50 ms',
    'culprit stopped, a bug',
  ])
})

test('a supervisor that gives up single children leaves down the one and who depends on it', async () => {
  const branch = {
    supervisor: 'branch',
    strategy: 'rest-for-one',
    whenExhausted: 'give-up',
    intensity: atMost(1),
    children: [member('base'), member('weak'), member('dependent')],
  } as const
  const supervisor = await superviseMembers([branch, member('bystander')])
  await crash(supervisor, 'weak')
  await inLives(supervisor, { weak: 2, dependent: 2 })
  const gaveUp: string[] = []
  supervisor.on('gaveUp', ({ name }) => gaveUp.push(name))
  await crash(supervisor, 'weak')
  await inState(supervisor, 'dependent', 'failed')
  assert.is(status(supervisor, 'weak').state, 'failed')
  assert.equal(gaveUp, ['weak'])
  await inLives(supervisor, { branch: 1, base: 1, bystander: 1 })
  for (const down of ['weak', 'dependent'])
    assert.is((await rejection(call(supervisor, down).life())).code, 'actor-down')

  supervisor.revive('weak')
  await inLives(supervisor, { branch: 1, base: 1, weak: 3, dependent: 3, bystander: 1 })
  assert.is((await call(supervisor, 'dependent').life()).incarnation, 3)
})

test('one-for-all stops the others of its branch in reverse order and starts all in order, outsiders live on', async () => {
  const branch = {
    supervisor: 'branch',
    strategy: 'one-for-all',
    children: [member('a'), member('b'), { supervisor: 'deeper', children: [member('c'), member('d')] }],
  } as const
  const supervisor = await superviseMembers([member('before'), branch, member('after')])
  const story = storyOf(supervisor)
  await crash(supervisor, 'b')
  await inLives(supervisor, { before: 1, branch: 1, a: 2, b: 2, deeper: 2, c: 2, d: 2, after: 1 })
  assert.equal(story, ['-d', 'd gone', '-c', 'c gone', '-a', 'a gone', '+a', '+b', '+c', '+d'])
})

test('who is restarted with another: a transient one that had ended, and never a temporary one', async () => {
  const branch = {
    supervisor: 'branch',
    strategy: 'one-for-all',
    children: [
      member('permanent'),
      member('transient', { restart: 'transient' }),
      member('temporary', { restart: 'temporary' }),
    ],
  } as const
  const supervisor = await superviseMembers([branch])
  await rejection(call(supervisor, 'transient').exit(0))
  await inState(supervisor, 'transient', 'stopped')
  await inLives(supervisor, { permanent: 1, temporary: 1 })
  await crash(supervisor, 'permanent')
  await inLives(supervisor, { permanent: 2, transient: 2 })
  await inState(supervisor, 'temporary', 'stopped')
  assert.is(status(supervisor, 'temporary').incarnation, 1)
})

test('a transient or temporary supervisor that has failed stays down, and nobody else is touched', async () => {
  const branch = (name: string, restart: 'transient' | 'temporary') => ({
    supervisor: name,
    restart,
    intensity: atMost(0),
    children: [member(`child of ${name}`)],
  })
  const supervisor = await superviseMembers([
    branch('one', 'transient'),
    branch('other', 'temporary'),
    member('bystander'),
  ])
  for (const name of ['one', 'other']) {
    await crash(supervisor, `child of ${name}`)
    await inState(supervisor, name, 'stopped')
    assert.is(status(supervisor, `child of ${name}`).state, 'stopped')
    assert.is((await rejection(call(supervisor, `child of ${name}`).life())).code, 'actor-down')
  }
  await inLives(supervisor, { bystander: 1 })
})

test('children come and go under a supervisor; its restart begins with its spec again', async () => {
  const branch = { supervisor: 'branch', children: [member('constant'), member('removed')] }
  const supervisor = await superviseMembers([branch, member('bystander')])
  await supervisor.start([member('added')], 'branch')
  assert.is(status(supervisor, 'added').parent, 'branch')
  await supervisor.remove(['removed'], 'branch')
  assert.equal(
    supervisor.children.map(({ name }) => name),
    ['branch', 'constant', 'added', 'bystander'],
  )
  assert.is((await rejection(supervisor.start([member('added')]))).code, 'name-taken')
  assert.is((await rejection(supervisor.start([member('new')], 'bystander'))).code, 'unknown-actor')

  supervisor.kill('branch')
  await inLives(supervisor, { branch: 2, constant: 2, removed: 1, bystander: 1 })
  assert.equal(
    supervisor.children.map(({ name }) => name),
    ['branch', 'constant', 'removed', 'bystander'],
  )
  // The name is free.
  await supervisor.start([member('added')])
  assert.is(status(supervisor, 'added').parent, null)
  await supervisor.remove(['branch'])
  assert.is((await rejection(call(supervisor, 'constant').life())).code, 'actor-down')
  await supervisor.start([member('constant')])
  assert.is((await call(supervisor, 'constant').life()).incarnation, 1)
})

test('a supervisor waits for a child that is being removed before it begins anew with it', async () => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const slow = member('slow', { shutdownMs: 200, init: () => ({ stopMs: 3_600_000, counts }) })
  const supervisor = await superviseMembers([{ supervisor: 'branch', children: [member('a'), slow] }])
  const deaths = deathsOf(supervisor)
  const removed = supervisor.remove(['slow'], 'branch')
  supervisor.kill('branch', 'a test')
  await removed
  await inLives(supervisor, { branch: 2, a: 2, slow: 1 })
  assert.equal(deaths, ['branch: a test'], 'and nothing else fails')
})

test('an actor that is stopped for two reasons at once is told to stop once', async () => {
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const slow = member('slow', { init: () => ({ stopMs: 200, counts }) })
  const supervisor = await superviseMembers([
    { supervisor: 'branch', strategy: 'one-for-all', children: [member('a'), slow] },
  ])
  const stopping = changed(supervisor, 'slow', 'stopping')
  await crash(supervisor, 'a')
  await stopping
  supervisor.kill('branch')
  await supervisor.stop()
  assert.is(status(supervisor, 'slow').state, 'stopped')
  assert.equal([...counts], [1, 1])
})

test('who is revived while those that depend on it still go down comes back with them', async () => {
  const slow = member('slow', { init: () => ({ stopMs: 200 }) })
  const supervisor = await superviseMembers([
    {
      supervisor: 'branch',
      strategy: 'rest-for-one',
      whenExhausted: 'give-up',
      intensity: atMost(0),
      children: [member('weak'), slow],
    },
  ])
  const stopping = changed(supervisor, 'slow', 'stopping')
  await crash(supervisor, 'weak')
  await stopping
  supervisor.revive('weak')
  await inLives(supervisor, { branch: 1, weak: 2, slow: 2 })
})

test('who was to be restarted with a child that is removed instead comes back without it', async () => {
  let inits = 0
  const init = () => {
    if (++inits === 2) throw new Error('no second life')
    return {}
  }
  const supervisor = await superviseMembers([
    { supervisor: 'branch', strategy: 'one-for-all', children: [member('a', { init }), member('b')] },
  ])
  const deaths = deathsOf(supervisor)
  supervisor.on('death', (_child, { reason }) => {
    if (reason === 'no second life') void supervisor.remove(['a'], 'branch')
  })
  await crash(supervisor, 'a')
  await inLives(supervisor, { branch: 1, b: 2 })
  assert.equal(deaths, ['a: a bug', 'a: no second life'])
})

test('a child has its own time to stop in; one that exceeds it is ended, and its state says so', async () => {
  const supervisor = await superviseMembers([
    {
      supervisor: 'branch',
      children: [
        member('patient', { init: () => ({ stopMs: 100 }) }),
        member('stubborn', { shutdownMs: 50, init: () => ({ stopMs: 3_600_000 }) }),
      ],
    },
  ])
  const story = storyOf(supervisor)
  const deaths = deathsOf(supervisor)
  await supervisor.stop()
  assert.equal(story, ['-stubborn', 'stubborn gone', '-patient', 'patient gone'])
  assert.equal(deaths, [])
  assert.is(status(supervisor, 'stubborn').lastDeath?.reason, 'it had not stopped after 50 ms')
  assert.is(status(supervisor, 'patient').lastDeath, undefined)
})

test.after.each(stopAll)
test.run()
