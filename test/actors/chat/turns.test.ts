import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Turns } from '../../../actors/chat/turns.ts'
import { rejection } from '../../support/rejection.ts'

test('so many run at once, the rest in the order in which they came, also after one that fails', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const all = Array.from({ length: 6 }, (_, n) =>
    turns.take(async () => {
      begun.push(n)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (n === 1) throw new Error('number one')
      return n
    }),
  )
  const failed = rejection(all[1] ?? Promise.resolve())
  for (let expected = 2; expected <= 6; expected++) {
    assert.is(begun.length, expected)
    ends.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const end of ends) end()
  assert.equal(begun, [0, 1, 2, 3, 4, 5])
  assert.is((await failed).message, 'number one')
  const answers = (await Promise.allSettled(all)).map((answer) => answer.status)
  assert.equal(answers, ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'])
})
test.run()
