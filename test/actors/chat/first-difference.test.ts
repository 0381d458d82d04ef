import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { firstDifference } from '../../../actors/chat/first-difference.ts'
import type { LogRange } from '../../../shared/bridge.ts'
import { limits } from '../../../shared/limits.ts'

const ranges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 1, max: 100_000 })), {
    maxLength: 5,
  })
  .map((steps) => {
    let next = 1
    return steps.map(([gap, length]): LogRange => {
      const from = next + gap
      next = from + length + 1
      return { from, to: from + length - 1 }
    })
  })

test('the first place at which two logs differ is found wherever it is, in few questions', async () => {
  await fc.assert(
    fc.asyncProperty(ranges, fc.integer({ min: 0, max: 800_000 }), async (held, parted) => {
      let questions = 0
      const found = await firstDifference(held, async (seqs) => {
        questions++
        assert.ok(seqs.length > 0 && seqs.length <= limits.digestsAtOnce)
        for (const seq of seqs) assert.ok(held.some(({ from, to }) => from <= seq && seq <= to))
        return seqs.map((seq) => seq >= parted)
      })
      const after = held.find(({ to }) => to >= parted)
      assert.is(found, after && Math.max(after.from, parted))
      assert.ok(questions <= 5, `${questions} questions`)
    }),
    { numRuns: 500 },
  )
})
test.run()
