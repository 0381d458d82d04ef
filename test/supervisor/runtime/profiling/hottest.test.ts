import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hottest } from '../../../../supervisor/runtime/profiling/hottest.ts'
import { profileOf } from './fixtures/profile-of.ts'

test('the function that burns the CPU comes first, with its file, line and time', async () => {
  const { profile } = await profileOf('sumSquares', 'thread')
  const hot = hottest(profile, 5)
  const [first] = hot
  assert.is(first?.name, 'sumSquares')
  assert.match(String(first?.url), /self-profiler\.ts$/)
  assert.ok(Number(first?.line) > 1)
  const ms = Number(first?.ms)
  assert.ok(ms > 100 && ms <= (profile.endTime - profile.startTime) / 1_000, `${ms} ms`)
  assert.ok(hot.length <= 5)
  assert.ok(hot.every((other) => other.ms <= ms))
})

test('one function in several stacks is one line, and waiting is none', () => {
  const frame = (functionName: string, lineNumber: number) => ({
    functionName,
    lineNumber,
    columnNumber: 0,
    scriptId: '1',
    url: lineNumber < 0 ? '' : 'file:///actor.ts',
  })
  const profile = {
    startTime: 0,
    endTime: 10_000,
    nodes: [
      { id: 1, callFrame: frame('(root)', -1), children: [2, 3, 5] },
      { id: 2, callFrame: frame('hash', 9) },
      { id: 3, callFrame: frame('', 4), children: [4] },
      { id: 4, callFrame: frame('hash', 9) },
      { id: 5, callFrame: frame('(idle)', -1) },
    ],
    samples: [2, 3, 4, 5],
    timeDeltas: [1_000, 2_000, 1_000, 2_000],
  }
  assert.equal(hottest(profile, 9), [
    { name: 'hash', url: 'file:///actor.ts', line: 10, ms: 4 },
    { name: '(anonymous)', url: 'file:///actor.ts', line: 5, ms: 1 },
  ])
})

test.run()
