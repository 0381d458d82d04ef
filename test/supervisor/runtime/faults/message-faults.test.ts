import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { MessageFault } from '../../../../supervisor/runtime/index.ts'
import { FaultyWay, MessageFaults } from '../../../../supervisor/runtime/faults/message-faults.ts'
import { seededRandom } from '../../../../supervisor/runtime/faults/random.ts'
import { eventually } from '../../../support/eventually.ts'

const forMs = 600_000
const anyFault: fc.Arbitrary<MessageFault> = fc.record({
  fault: fc.constantFrom('drop', 'duplicate', 'delay'),
  forMs: fc.constant(forMs),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(),
  ms: fc.nat(3),
})

function decisions(faults: readonly MessageFault[], count: number) {
  const active = new MessageFaults()
  for (const fault of faults) active.begin(fault)
  return Array.from({ length: count }, () => active.next())
}

test('the same seed makes the same numbers, another one others, all from 0 to 1', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, other) => {
      const numbers = (of: number) => Array.from({ length: 20 }, seededRandom(of))
      assert.equal(numbers(seed), numbers(seed))
      if (seed !== other) assert.not.equal(numbers(seed), numbers(other))
      assert.ok(numbers(seed).every((number) => number >= 0 && number < 1))
    }),
  )
})

test('the same faults with the same seeds befall the same messages', () => {
  fc.assert(
    fc.property(fc.array(anyFault, { minLength: 1, maxLength: 3 }), (faults) => {
      assert.equal(decisions(faults, 50), decisions(faults, 50))
    }),
  )
})

test('a fault befalls about the share of messages that it names', () => {
  for (const share of [0, 0.25, 1]) {
    const seed = 7
    const dropped = decisions([{ fault: 'drop', forMs, share, seed }], 2_000).filter(
      ({ times }) => times === 0,
    )
    assert.ok(Math.abs(dropped.length / 2_000 - share) < 0.05, `${dropped.length} of 2000 for ${share}`)
    const delayed = decisions([{ fault: 'delay', forMs, share, seed, ms: 5 }], 2_000)
    assert.is(delayed.filter(({ delayMs }) => delayMs === 5).length, dropped.length)
  }
})

test('messages arrive in order, as often as was decided for each, whatever befalls them', async () => {
  const messages = [...Array(40).keys()]
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyFault, { minLength: 1, maxLength: 3 }),
      fc.nat(9),
      async (faults, follows) => {
        const active = new MessageFaults()
        for (const fault of faults) active.begin(fault)
        const delivered: number[] = []
        const dropped: number[] = []
        const way = new FaultyWay<number>(active, {
          deliver: (message) => delivered.push(message),
          dropped: (message) => dropped.push(message),
        })
        const decided = decisions(faults, messages.length)
        const expected: number[] = []
        const lost: number[] = []
        let next = 0
        for (const message of messages) {
          // Every so often one comes that no fault befalls.
          const follower = message % 10 === follows
          const times = follower ? 1 : (decided[next++]?.times ?? 1)
          for (let n = 0; n < times; n++) expected.push(message)
          if (times === 0) lost.push(message)
          if (follower) way.follow(message)
          else way.pass(message)
          if (message % 16 === 0) await sleep(1)
        }
        await eventually('all have arrived', () => delivered.length === expected.length)
        assert.equal(delivered, expected)
        assert.equal(dropped, lost)
      },
    ),
    { numRuns: 60 },
  )
})

test('a fault ends when its time is over, and one of its kind that began meanwhile does not', async () => {
  const faults = new MessageFaults()
  // Its timers keep nothing alive; this one does while the test waits.
  const alive = setInterval(() => {}, 1_000)
  faults.begin({ fault: 'drop', forMs: 30, share: 1, seed: 1 })
  assert.is(faults.next().times, 0)
  faults.begin({ fault: 'duplicate', forMs: 60, share: 1, seed: 1 })
  await eventually('both are over', () => !faults.any)
  assert.equal(faults.next(), { times: 1, delayMs: 0 })
  faults.begin({ fault: 'drop', forMs: 30, share: 1, seed: 1 })
  faults.begin({ fault: 'drop', forMs, share: 1, seed: 2 })
  // It ends after the time of the first one.
  faults.begin({ fault: 'delay', forMs: 30, share: 1, seed: 1, ms: 5 })
  await eventually('the time of the first is over', () => faults.next().delayMs === 0)
  assert.is(faults.any, true)
  assert.is(faults.next().times, 0)
  clearInterval(alive)
})

test.run()
