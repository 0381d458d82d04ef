import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CpuProfile } from '../../../../supervisor/runtime/profiling/cpu-profile.ts'
import { flameOf, type FlameFrame } from '../../../../supervisor/runtime/profiling/flame.ts'
import { handmade } from './fixtures/handmade.ts'
import { profileOf } from './fixtures/profile-of.ts'

const childrenOf = (frames: readonly FlameFrame[], parent: number) =>
  frames.filter((frame) => frame.parent === parent)

function assertTree(frames: readonly FlameFrame[]): void {
  for (const [index, { name, ms, selfMs, parent }] of frames.entries()) {
    assert.ok(parent < index, `${name} comes before its caller`)
    assert.is(parent === -1, index === 0, 'there is one root')
    const below = childrenOf(frames, index).reduce((sum, child) => sum + child.ms, selfMs)
    assert.ok(Math.abs(ms - below) < 1e-6 * Math.max(1, ms), `${name}: ${ms} ms, its parts ${below} ms`)
  }
}

test('a frame takes as long as itself and all that it called; waiting is left out', () => {
  const frames = flameOf(handmade)
  assertTree(frames)
  assert.equal(frames, [
    { name: '(root)', place: '', ms: 10, selfMs: 0, parent: -1 },
    { name: 'work', place: 'actor.ts:5', ms: 9, selfMs: 2, parent: 0 },
    { name: 'hash', place: 'actor.ts:10', ms: 4, selfMs: 4, parent: 1 },
    { name: '(anonymous)', place: 'actor.ts:20', ms: 3, selfMs: 3, parent: 1 },
    { name: 'hash', place: 'actor.ts:10', ms: 1, selfMs: 1, parent: 0 },
  ])
})

test('what took less than asked for is left out with what it called, and its time stays with its callers', () => {
  const names = (leastMs: number) => flameOf(handmade, leastMs).map(({ name }) => name)
  assert.equal(names(2), ['(root)', 'work', 'hash', '(anonymous)'])
  assert.equal(names(4), ['(root)', 'work', 'hash'])
  assert.equal(names(100), ['(root)'])
  assert.is(flameOf(handmade, 4)[1]?.ms, 9)
})

test('everything but waiting is there when nothing is too short', () => {
  const frames = flameOf(handmade, 0)
  assertTree(frames)
  assert.is(frames.length, handmade.nodes.length - 1)
  assert.not.ok(frames.some(({ name }) => name === '(idle)'))
})

test('a profile that V8 took adds up, from its root to its hot function', async () => {
  const { profile } = await profileOf('sumSquares', 'thread')
  const frames = flameOf(profile, 0)
  assertTree(frames)
  const lengthMs = (profile.endTime - profile.startTime) / 1_000
  assert.ok(Number(frames[0]?.ms) <= lengthMs)
  const hot = frames.filter(({ name }) => name === 'sumSquares')
  const hotMs = hot.reduce((sum, { ms }) => sum + ms, 0)
  assert.ok(hotMs > 100, `${hotMs} ms`)
  assert.ok(hot.every(({ place }) => /^self-profiler\.ts:\d+$/.test(place)))
})

test('an empty profile has an empty flame', () => {
  const empty: CpuProfile = { nodes: [], startTime: 0, endTime: 0, samples: [], timeDeltas: [] }
  assert.equal(flameOf(empty), [])
})

test.run()
