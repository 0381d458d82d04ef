import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { Held } from './fixtures/held.ts'
import { few, patient } from './fixtures/keeper.contract.ts'
import { outcomeOf } from './fixtures/outcome.ts'
import { inMailbox, keeperSpec, mailboxOf } from './fixtures/start.ts'

/** Samples carry the dead letters of actors. */
const sampling = { everyMs: 50 }

for (const isolation of isolations) {
  test(`a ${isolation} takes as many calls as its mailbox has room for, and refuses and counts the others`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation })], { sampling })
    const ref = supervisor.ref(few)
    const held = new Held(ref)
    const labels = [...Array(40).keys()].map(String)
    const outcomes = labels.map((label) => held.hold(label))
    const refused = await rejection(ref.call.note('one more'))
    assert.is(refused.code, 'mailbox-full')
    assert.is(refused.message, 'The mailbox of few is full (4 calls)')
    ref.send.note('a send more')
    await eventually('they are counted', () => supervisor.deadLetters.counts['mailbox-full'] === 38)

    held.letAllGo()
    assert.equal(
      await Promise.all(outcomes),
      labels.map((_, n) => (n < 4 ? 'answered' : 'mailbox-full')),
    )
    await ref.call.note('there is room again')
    assert.equal(await ref.call.notes(), ['0', '1', '2', '3', 'there is room again'])
    assert.equal(supervisor.deadLetters.counts, { 'mailbox-full': 38 })
    await supervisor.stop()
  })

  test(`a ${isolation} takes no more bytes than its mailbox has room for, and goes by what is there together`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation })])
    const ref = supervisor.ref(few)
    const held = new Held(ref)
    const outcomes = [held.hold('first', 60_000)]
    await held.began('first')
    const refused = await rejection(ref.call.note('too much with the first', new Uint8Array(60_000)))
    assert.is(refused.code, 'mailbox-full')
    assert.is(refused.message, 'The mailbox of few is full (100000 bytes)')
    outcomes.push(held.hold('second', 30_000))
    await held.began('first', 'second')
    assert.is(await outcomeOf(ref.call.note('too much with both', new Uint8Array(20_000))), 'mailbox-full')
    const little = outcomeOf(ref.call.note('little'))

    held.letGo('first')
    assert.equal([await outcomes[0], await little], ['answered', 'answered'])
    await ref.call.note('now there is room', new Uint8Array(60_000))
    held.letAllGo()
    assert.is(await outcomes[1], 'answered')
    const { depth, bytes } = await mailboxOf(supervisor, 'few')
    assert.equal([depth, bytes], [0, 0])
    assert.equal(held.entered, ['first', 'second', 'little', 'now there is room'])
    await supervisor.stop()
  })

  test(`a call of more bytes than the mailbox of a ${isolation} ever has is carried out alone, or refused`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation })])
    const { call } = supervisor.ref(few)
    const held = new Held(supervisor.ref(few))
    const outcomes = [held.hold('beside it', 10)]
    await held.began('beside it')
    const huge = () => new Uint8Array(300_000)
    assert.is(await outcomeOf(call.note('refused', huge())), 'mailbox-full')
    held.letAllGo()
    await Promise.all(outcomes)
    outcomes.push(held.hold('alone', 300_000))
    await held.began('beside it', 'alone')
    assert.is(await outcomeOf(call.note('beside what is alone', new Uint8Array(10))), 'mailbox-full')
    held.letAllGo()
    assert.equal(await Promise.all(outcomes), ['answered', 'answered'])
    await supervisor.stop()
  })

  test(`a call that is given up while it waits in the mailbox of a ${isolation} leaves its room to others`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation })])
    const { call } = supervisor.ref(few)
    const held = new Held(supervisor.ref(few))
    const controller = new AbortController()
    const outcomes = [held.hold('a'), held.hold('b')]
    const given = [held.hold('aborted', 50_000, { signal: controller.signal }), held.hold('waits', 40_000)]
    await held.began('a', 'b')
    await inMailbox(supervisor, 'few', 4)
    assert.is(await outcomeOf(call.note('no room')), 'mailbox-full')
    controller.abort()
    assert.is(await given[0], 'aborted')
    await inMailbox(supervisor, 'few', 3)
    assert.is(await held.hold('late', 50_000, { deadlineMs: 50 }), 'deadline')
    await inMailbox(supervisor, 'few', 3)

    outcomes.push(held.hold('c', 50_000))
    await inMailbox(supervisor, 'few', 4)
    held.letAllGo()
    assert.equal(await Promise.all([...outcomes, given[1]]), Array(4).fill('answered'))
    assert.equal(held.entered, ['a', 'b', 'waits', 'c'])
    await supervisor.stop()
  })

  test(`a ${isolation} carries out as many calls at once as its contract says, and begins one when one is answered`, async () => {
    const supervisor = await supervise([keeperSpec('patient', { isolation })])
    const held = new Held(supervisor.ref(patient))
    const labels = [...Array(12).keys()].map(String)
    const outcomes = labels.map((label) => held.hold(label))
    // The last one to begin is the first to be answered.
    for (let begun = patient.mailbox.concurrency; begun < labels.length; begun++) {
      await held.began(...labels.slice(0, begun))
      // All that it may have are there, so that one more would have begun.
      await inMailbox(supervisor, 'patient', 4)
      assert.is(held.entered.length, begun)
      held.letGo(String(begun - 1))
      assert.is(await outcomes[begun - 1], 'answered')
    }
    held.letAllGo()
    assert.equal(await Promise.all(outcomes), Array(12).fill('answered'))
    assert.equal(held.entered, labels)
    await supervisor.stop()
  })
}

test.run()
