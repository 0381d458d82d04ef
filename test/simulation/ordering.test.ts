import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { schedules } from './schedule.ts'
import { simulate } from './simulation.ts'

/*
 * `RUNS=10000 node test/simulation/ordering.test.ts` runs more schedules than the suite does. A schedule that fails is
 * made as small as it can be, and `SEED=… AT=… node test/simulation/ordering.test.ts` runs it again; with `TRACE=1` it
 * tells all that happened.
 */
const runs = Number(process.env['RUNS'] ?? 300)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const at = process.env['AT'] || undefined
/** So long a run and the search for the smallest schedule may take: the suite ends a file that takes two minutes. */
const limitMs = process.env['RUNS'] === undefined ? 90_000 : 3_600_000

test('whatever is lost, late, repeated or restarted, everybody ends with the same log and nothing is lost', async () => {
  let [accepted, confirmed] = [0, 0]
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const outcome = await simulate(schedule)
    accepted += outcome.accepted
    confirmed += outcome.confirmed
  })
  console.log(`seed: ${seed}`)
  const started = process.hrtime.bigint()
  const result = await fc.check(property, {
    ...{
      seed,
      numRuns: at === undefined ? runs : 1,
      interruptAfterTimeLimit: limitMs,
    },
    ...(at === undefined ? {} : { path: at, endOnFailure: true }),
  })
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  console.log(`${result.numRuns} schedules, ${accepted} messages, ${seconds.toFixed(1)} s (SEED=${seed})`)
  if (result.failed) {
    console.log(`SEED=${seed} AT=${result.counterexamplePath ?? ''} node test/simulation/ordering.test.ts`)
    console.log(JSON.stringify(result.counterexample))
    throw result.errorInstance
  }
  assert.is(confirmed, accepted)
  // A run in which nobody said anything tested nothing.
  assert.ok(accepted > runs / 10 || at !== undefined, `${accepted} messages`)
})

test.run()
