import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { seededRandom } from '../support/seeded-random.ts'
import { runFuzz } from './run-fuzz.ts'
import { allTargets } from './targets.ts'

/** Whoever takes longer for one input hangs, ms. The slowest of a million took a small part of it. */
const hangMs = 5_000

const targets = await allTargets()
const random = seededRandom()
for (const target of targets) {
  test(`${target.name}: any input is what was agreed, or refused with a reason`, async () => {
    const inputs = target.share < 1 ? 100 : 4_000
    for (const { accepted, refused, slowestMs } of await runFuzz([target], inputs, random)) {
      assert.ok(slowestMs < hangMs, `one took ${slowestMs} ms`)
      // A run in which one or the other never happened tested nothing.
      assert.ok(accepted > inputs / 100, `${accepted} accepted`)
      assert.ok(refused > inputs / 10, `${refused} refused`)
    }
  })
}

test.after(async () => {
  for (const { stop } of targets) await stop?.()
})

test.run()
