import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startCpuProfile } from '../../../../supervisor/runtime/profiling/cpu-profile.ts'
import { profileOf } from './fixtures/profile-of.ts'

const functionNames = (nodes: readonly { callFrame: { functionName: string } }[]) =>
  nodes.map(({ callFrame }) => callFrame.functionName)

for (const isolation of ['thread', 'process'] as const) {
  test(`a ${isolation} profiles itself: the function that burns its CPU is in the profile`, async () => {
    const { profile } = await profileOf('sumSquares', isolation)
    assert.ok(functionNames(profile.nodes).includes('sumSquares'))
    assert.ok(profile.endTime - profile.startTime >= 200_000)
    assert.is(profile.samples?.length, profile.timeDeltas?.length)
  })
}

test('a recording that is stopped twice answers twice with the same profile', async () => {
  const recording = await startCpuProfile()
  const profile = await recording.stop()
  assert.is(await recording.stop(), profile)
})

test('two recordings of one thread do not disturb each other', async () => {
  const outer = await startCpuProfile()
  const inner = await startCpuProfile(100)
  const ended = await inner.stop()
  const { startTime, endTime } = await outer.stop()
  assert.ok(startTime <= ended.startTime)
  assert.ok(ended.endTime <= endTime)
})

test.run()
