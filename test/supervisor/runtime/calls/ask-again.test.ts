import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ActorDown, askAgain, DeadlineExceeded } from '../../../../supervisor/runtime/index.ts'
import { rejection } from '../../../support/rejection.ts'

const late = () => new DeadlineExceeded('echo', 'echo', 10)

/** Fails with each of these in turn, then succeeds. */
function failing(...errors: Error[]) {
  const work = async () => {
    work.times++
    const error = errors[work.times - 1]
    if (error) throw error
    return 'done'
  }
  work.times = 0
  return work
}

test('an answer that went missing is asked for again', async () => {
  const work = failing(late(), late())
  assert.is(await askAgain(work), 'done')
  assert.is(work.times, 3)
})

test('what was refused is not asked again', async () => {
  const work = failing(late(), new ActorDown('echo', 1, 'killed'))
  assert.is((await rejection(askAgain(work))).code, 'actor-down')
  assert.is(work.times, 2)
})

test('after the last try the missing answer is what it throws', async () => {
  const work = failing(...Array.from({ length: 9 }, late))
  assert.is((await rejection(askAgain(work, 3))).code, 'deadline')
  assert.is(work.times, 3)
  assert.is((await rejection(askAgain(failing(...Array.from({ length: 9 }, late))))).code, 'deadline')
})

test.run()
