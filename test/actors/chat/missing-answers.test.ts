import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startWorld } from '../../support/world.ts'

test('a message whose signature went missing on the way is signed again, and confirmed', async () => {
  const world = await startWorld()
  const alice = await world.join('alice')
  const channel = (await world.meet([alice])).id
  // All messages to and from crypto are lost for long enough to lose the one that asks for the signature.
  alice.desktop.supervisor.inflict('crypto', { fault: 'drop', forMs: 2_000, share: 1, seed: 1 })
  const id = await alice.say(channel, 'hello')
  assert.is(alice.shown.get(id)?.seq, null)
  const [confirmed] = await alice.confirmed(channel, 1, 40_000)
  assert.is(confirmed?.id, id)
  await world.stop()
})

test.run()
