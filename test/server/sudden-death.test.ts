import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { killInMidCommit } from './sudden-death.ts'

/** `SUDDEN_DEATHS=50 node test/server/sudden-death.test.ts` is the long run. */
const kills = Number(process.env['SUDDEN_DEATHS'] ?? 4)

test('a server that is killed in mid-commit has all that it answered for, once, in one order', async () => {
  const messages = await killInMidCommit(kills)
  assert.ok(messages > kills)
  console.log(`${kills} kills, ${messages} messages`)
})

test.run()
