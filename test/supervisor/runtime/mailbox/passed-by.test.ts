import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rejection } from '../../../support/rejection.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { inLife } from '../faults/fixtures/in-life.ts'
import { echoSpec, isolations, supervise } from '../fixtures/start.ts'
import { Held } from './fixtures/held.ts'
import { deep, few, patient, sender } from './fixtures/keeper.contract.ts'
import { outcomeOf } from './fixtures/outcome.ts'
import { inMailbox, keeperSpec, senderSpec } from './fixtures/start.ts'

/** No test waits for this long; an actor that does not hear that it is to stop is ended only then. */
const shutdownMs = 15_000
const hangMs = 2_000
const full = ['a', 'b', 'c', 'd']

for (const isolation of isolations) {
  for (const contract of [deep, patient]) {
    test(`a ${isolation} named ${contract.name} stops in good order with thousands of calls before it, and all of them end`, async () => {
      const folder = temporaryFolder()
      const path = `${folder.path}/carried-out`
      const name = contract === deep ? 'deep' : 'patient'
      const supervisor = await supervise([keeperSpec(name, { isolation, shutdownMs, init: () => path })])
      const ref = supervisor.ref(contract)
      const held = new Held(ref)
      const open = ['a', 'b', 'c'].slice(0, contract.mailbox.concurrency)
      const outcomes = open.map((label) => held.hold(label))
      await held.began(...open)
      const calls = (count: number) =>
        Array.from({ length: count }, (_, n) => outcomeOf(ref.call.note(String(n))))
      outcomes.push(...calls(5_000))
      await inMailbox(supervisor, name, contract === deep ? 5_001 : 4)
      // These are on their way when it is told to stop.
      outcomes.push(...calls(3_000))
      await supervisor.remove([name])
      assert.equal(await Promise.all(outcomes), Array(8_000 + open.length).fill('actor-down'))
      assert.equal(readFileSync(path, 'utf8').trim().split('\n'), [
        ...open.map((label) => `1 ${label}`),
        'stopped',
      ])
      await supervisor.stop()
      folder.remove()
    })
  }

  test(`questions, links and faults reach a ${isolation} whose mailbox is full`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation })])
    const held = new Held(supervisor.ref(few))
    const outcomes = full.map((label) => held.hold(label))
    await held.began('a', 'b')
    await inMailbox(supervisor, 'few', 4)
    await supervisor.start([senderSpec('few')])
    // It is heard, and told that there is no room.
    assert.is((await rejection(supervisor.ref(sender).call.note('linked'))).code, 'mailbox-full')
    supervisor.inflict('few', { fault: 'throw' })
    assert.equal(await Promise.all(outcomes), Array(4).fill('actor-down'))
    await inLife(supervisor, 'few', 2)
    assert.match(String(supervisor.children[0]?.lastDeath?.reason), 'an error that nobody catches')
    await supervisor.ref(sender).call.note('there is room')
    await supervisor.stop()
  })
}

test('an actor whose mailbox is full is not taken for one that hangs, as long as its event loop turns', async () => {
  const process = { ...few, name: 'few in a process' }
  const supervisor = await supervise([
    keeperSpec('few', { hangMs }),
    { ...keeperSpec('few', { isolation: 'process', hangMs }), contract: process },
    // It hangs, and is found within the time in which the others would have been.
    echoSpec({ hangMs }),
  ])
  const keepers = [few, process].map((contract) => new Held(supervisor.ref(contract)))
  const outcomes = keepers.flatMap((held) => full.map((label) => held.hold(label)))
  for (const [n, { name }] of [few, process].entries()) {
    await keepers[n]?.began('a', 'b')
    await inMailbox(supervisor, name, 4)
  }
  for (const life of [2, 3]) {
    supervisor.inflict('echo', { fault: 'hang' })
    await inLife(supervisor, 'echo', life)
    assert.match(String(supervisor.children[2]?.lastDeath?.reason), 'it hung')
  }
  for (const held of keepers) held.letAllGo()
  assert.equal(await Promise.all(outcomes), Array(8).fill('answered'))
  assert.equal(
    supervisor.children.map(({ incarnation }) => incarnation),
    [1, 1, 3],
  )
  await supervisor.stop()
})

test.run()
