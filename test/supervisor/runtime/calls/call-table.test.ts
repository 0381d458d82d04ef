import fc from 'fast-check'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CallTable } from '../../../../supervisor/runtime/call-table.ts'
import { echo } from '../fixtures/echo.contract.ts'
import { echoSpec, supervise } from '../fixtures/start.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Adds a call so many numbers on; or ends one of those under way, counted from the oldest. */
const step = fc.oneof(
  { arbitrary: fc.record({ add: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 200 })) }), weight: 3 },
  { arbitrary: fc.record({ end: fc.nat() }), weight: 2 },
  fc.record({ clear: fc.constant(true) }),
)

test('it holds what a Map would hold, in the order of the numbers', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const [table, map] = [new CallTable<string>(), new Map<number, string>()]
      let last = 0
      for (const taken of steps) {
        if ('add' in taken) {
          last += taken.add
          table.add(last, `call ${last}`)
          map.set(last, `call ${last}`)
        } else if ('end' in taken) {
          const number = [...map.keys()][taken.end % Math.max(1, map.size)] ?? last + 1
          table.delete(number)
          map.delete(number)
        } else if (taken.clear) {
          table.clear()
          map.clear()
        }
        assert.is(table.size, map.size)
        for (const number of [1, last - 64, last, last + 64]) assert.is(table.get(number), map.get(number))
      }
      assert.equal(table.entries, [...map])
      for (const [number, call] of map) assert.is(table.get(number), call)
    }),
    { numRuns: 300, seed: 7 },
  )
})

test('one call that takes long costs the many after it nothing', () => {
  const table = new CallTable<string>()
  table.add(1, 'long')
  for (let number = 2; number < 100_000; number++) {
    table.add(number, 'short')
    table.delete(number)
  }
  assert.equal(table.entries, [[1, 'long']])
  assert.is(table.get(1), 'long')
})

test('what calls leave behind is not kept alive by what was there when all garbage was collected', async () => {
  const supervisor = await supervise([echoSpec()], { sampling: false })
  const { call } = supervisor.ref(echo)
  const callMany = async (count: number) => {
    const caller = async () => {
      for (let n = 0; n < count / 64; n++) await call.echo(n)
    }
    await Promise.all(Array.from({ length: 64 }, caller))
  }
  await callMany(20_000)
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  await callMany(200_000)
  const grown = process.memoryUsage().heapUsed - before
  assert.ok(grown < 24 * 2 ** 20, `${Math.round(grown / 2 ** 20)} MB more`)
  await supervisor.stop()
})

test.run()
