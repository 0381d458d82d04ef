import fc from 'fast-check'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { HeldRanges, gapsIn } from '../../../actors/chat/held-ranges.ts'
import { migrations } from '../../../actors/chat/layout.ts'
import type { LogRange } from '../../../shared/bridge.ts'
import { openDatabase } from '../../../shared/store/database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ranges = suite('held ranges')
const folder = temporaryFolder()
const database = openDatabase({ path: join(folder.path, 'chat.db'), migrations })
const held = new HeldRanges(database)

const newChannel = () => {
  const id = uuidv7()
  database
    .prepare(
      `INSERT INTO channels (id, name, topic, created_by, member, members, head) VALUES (?, 'a', '', '', 1, 1, 0)`,
    )
    .run(id)
  return id
}
const placesIn = (all: readonly LogRange[]) =>
  all.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index))

const most = 40
const range = fc
  .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 0, max: 6 }))
  .map(([from, more]) => ({ from, to: from + more }))
const step = fc.oneof(
  { weight: 5, arbitrary: range.map((added) => ({ added })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: most }).map((cut) => ({ cut })) },
)

ranges('are the places that were added and not cut off, in as few ranges as there can be', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const channel = newChannel()
      const model = new Set<number>()
      for (const one of steps) {
        if ('added' in one) {
          held.add(channel, one.added)
          for (const place of placesIn([one.added])) model.add(place)
        } else {
          held.cut(channel, one.cut)
          for (const place of model) if (place >= one.cut) model.delete(place)
        }
        const all = held.of(channel)
        assert.equal(
          placesIn(all),
          [...model].toSorted((a, b) => a - b),
        )
        for (const [index, { from, to }] of all.entries())
          assert.ok(from <= to && (all[index - 1]?.to ?? -1) + 1 < from)
        assert.is(held.highest(channel), Math.max(0, ...model))
      }
    }),
    { numRuns: 200 },
  )
})

ranges('leave gaps that with them make up the whole log', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), fc.integer({ min: 0, max: most + 10 }), (added, head) => {
      const channel = newChannel()
      for (const one of added) held.add(channel, one)
      const here = placesIn(held.of(channel))
      const missing = placesIn(gapsIn(held.of(channel), head))
      const expected = Array.from({ length: head }, (_, index) => index + 1).filter(
        (place) => !here.includes(place),
      )
      assert.equal(missing, expected)
    }),
    { numRuns: 200 },
  )
})

ranges.after(() => {
  database.close()
  folder.remove()
})
ranges.run()
