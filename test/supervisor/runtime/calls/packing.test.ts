import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { framesOf, pack } from '../../../../supervisor/runtime/packing.ts'
import type { FrameToActor, FrameToCaller } from '../../../../supervisor/runtime/wire.ts'

const value = fc.anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true })
const number = fc.integer({ min: 1 })
const anyId = fc.oneof(number, fc.integer({ max: -1 }), fc.string())
const wireValue = fc.oneof(
  fc.record({ type: fc.constant('RAW' as const), value }),
  fc.record({ type: fc.constant('HANDLER' as const), name: fc.string(), value }),
)
const call = fc.record(
  {
    id: anyId,
    type: fc.constantFrom('APPLY', 'GET', 'SET', 'RELEASE'),
    path: fc.array(fc.string(), { maxLength: 3 }),
    argumentList: fc.array(wireValue, { maxLength: 4 }),
  },
  { requiredKeys: ['id', 'type'] },
)
const toActor: fc.Arbitrary<FrameToActor> = fc.oneof(
  { arbitrary: call, weight: 4 },
  fc.record({ subscribe: fc.string() }),
  fc.record({ cancel: number }),
  fc.record({ callback: number, to: fc.constantFrom('owner' as const, 'holder' as const), frame: value }),
  fc.record({ stream: number, pull: number }),
)
const toCaller: fc.Arbitrary<FrameToCaller> = fc.oneof(
  {
    arbitrary: fc.tuple(anyId, wireValue).map(([id, wire]) => ({ id, ...wire })),
    weight: 4,
  },
  fc.record({ event: fc.string(), n: number, data: value }),
  fc.record({ told: number }),
  fc.record({ window: fc.record({ messages: number, bytes: number }) }),
  fc.record({ stream: number, from: number, items: fc.array(value) }),
)

const crossed = <T extends object>(frames: readonly T[]) => framesOf<T>(structuredClone(pack(frames)))

for (const [what, frame] of [
  ['to an actor', toActor],
  ['to a caller', toCaller],
] as const) {
  test(`frames ${what} arrive as they were sent, in their order`, () => {
    fc.assert(
      fc.property(fc.array<FrameToActor | FrameToCaller>(frame, { maxLength: 20 }), (frames) => {
        // `structuredClone` makes plain objects of objects without a prototype.
        assert.equal(crossed(frames), structuredClone(frames))
      }),
      { numRuns: 500, seed: 11 },
    )
  })
}

test('the frame of plain Comlink is read as it is', () => {
  const frame = { id: 'a1b2', type: 'APPLY', path: ['echo'], argumentList: [{ type: 'RAW', value: [1, 2] }] }
  assert.equal(framesOf(frame), [frame])
})

test('the usual frames leave their shape behind', () => {
  const frames = [
    { id: 7, type: 'APPLY', path: ['echo'], argumentList: [{ type: 'RAW', value: 'one' }] },
    { id: 7, type: 'RAW', value: 'one' },
    { event: 'changed', n: 1, data: 2 },
  ]
  for (const frame of frames)
    for (const cell of pack([frame])) assert.type(cell, typeof cell === 'number' ? 'number' : 'string')
})

test.run()
