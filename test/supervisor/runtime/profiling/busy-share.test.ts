import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { busyShare } from '../../../../supervisor/runtime/profiling/busy-share.ts'
import { startCpuProfile } from '../../../../supervisor/runtime/profiling/cpu-profile.ts'
import { handmade } from './fixtures/handmade.ts'
import { profileOf } from './fixtures/profile-of.ts'

test('what is not spent waiting is busy', () => {
  assert.is(busyShare(handmade), 10 / 16)
})

test('a thread that waits is hardly busy', async () => {
  const recording = await startCpuProfile()
  await sleep(1_000)
  const share = busyShare(await recording.stop())
  assert.ok(share >= 0 && share < 0.2, String(share))
})

for (const isolation of ['thread', 'process'] as const) {
  test(`a ${isolation} in a busy loop is hardly anything else`, async () => {
    const share = busyShare((await profileOf('sumSquares', isolation)).profile)
    assert.ok(share > 0.8 && share <= 1, String(share))
  })
}

test.run()
