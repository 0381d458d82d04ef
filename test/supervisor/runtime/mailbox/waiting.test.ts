import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isolations, supervise } from '../fixtures/start.ts'
import { Held } from './fixtures/held.ts'
import { patient, sender } from './fixtures/keeper.contract.ts'
import { outcomeOf } from './fixtures/outcome.ts'
import { inMailbox, keeperSpec, mailboxOf, senderSpec } from './fixtures/start.ts'

const numbered = (who: string, count: number) => Array.from({ length: count }, (_, n) => `${who} ${n}`)

for (const isolation of isolations) {
  test(`callers of a full ${isolation} wait, all are served, each in its order, and the mailbox never overflows`, async () => {
    // Nothing but the test asks for samples, so that one tells of all the time before.
    const supervisor = await supervise([keeperSpec('patient', { isolation }), senderSpec('patient')], {
      sampling: false,
    })
    const ref = supervisor.ref(patient)
    const callers = { here: ref, there: supervisor.ref(sender) }
    const calls = numbered('', 500).flatMap((label) => [
      outcomeOf(callers.here.call.note(`here${label}`)),
      outcomeOf(callers.there.call.note(`there${label}`)),
    ])
    assert.equal(await Promise.all(calls), Array(1_000).fill('answered'))
    const notes = await ref.call.notes()
    for (const who of ['here', 'there'])
      assert.equal(
        notes.filter((note) => note.startsWith(who)),
        numbered(who, 500),
      )
    assert.is(notes.length, 1_000)
    const { deepest } = await mailboxOf(supervisor, 'patient')
    assert.ok(deepest <= patient.mailbox.messages, `${deepest} calls`)
    assert.equal(supervisor.deadLetters.counts, {})
    await supervisor.stop()
  })

  test(`a caller that has filled its part of a ${isolation} leaves the others theirs`, async () => {
    const supervisor = await supervise([keeperSpec('patient', { isolation }), senderSpec('patient')])
    const { call } = supervisor.ref(sender)
    const held = new Held(supervisor.ref(patient))
    // Both are connected, and have heard how much is theirs, when they are answered.
    await Promise.all([call.note('there'), supervisor.ref(patient).call.note('here')])
    held.entered.length = 0
    const greedy = numbered('greedy', 20).map((label) => outcomeOf(call.hold(label, held.until(label))))
    await held.began('greedy 0', 'greedy 1')
    await inMailbox(supervisor, 'patient', 2)
    await supervisor.ref(patient).call.note('modest')
    assert.equal(held.entered, ['greedy 0', 'greedy 1', 'modest'])
    held.letAllGo()
    assert.equal(await Promise.all(greedy), Array(20).fill('answered'))
    await supervisor.stop()
  })

  test(`what waits for room in a ${isolation} and is given up is not carried out, and its turn is the next one's`, async () => {
    const supervisor = await supervise([keeperSpec('patient', { isolation })])
    const held = new Held(supervisor.ref(patient))
    const aborts = { inMailbox: new AbortController(), before: new AbortController() }
    const outcomes = ['a', 'b', 'c'].map((label) => held.hold(label))
    await held.began('a', 'b', 'c')
    // The mailbox has room for one more; the others wait where they were made.
    const given = [
      held.hold('aborted in the mailbox', 0, { signal: aborts.inMailbox.signal }),
      held.hold('aborted before it', 0, { signal: aborts.before.signal }),
      held.hold('late', 0, { deadlineMs: 50 }),
    ]
    const next = ['d', 'e'].map((label) => held.hold(label))
    await inMailbox(supervisor, 'patient', 4)
    aborts.before.abort()
    assert.equal(await Promise.all(given.slice(1)), ['aborted', 'deadline'])
    aborts.inMailbox.abort()
    assert.is(await given[0], 'aborted')
    // "d" has the place in the mailbox; "e" waits on.
    await inMailbox(supervisor, 'patient', 4)
    assert.equal(held.entered, ['a', 'b', 'c'])
    held.letGo('a')
    await held.began('a', 'b', 'c', 'd')
    held.letGo('b')
    await held.began('a', 'b', 'c', 'd', 'e')
    held.letAllGo()
    assert.equal(await Promise.all([...outcomes, ...next]), Array(5).fill('answered'))
    assert.equal(supervisor.deadLetters.counts, { aborted: 2, deadline: 1 })
    await supervisor.stop()
  })

  test(`a call that is given up while a ${isolation} carries it out keeps its place until it has ended`, async () => {
    const supervisor = await supervise([keeperSpec('patient', { isolation })])
    const held = new Held(supervisor.ref(patient))
    const controller = new AbortController()
    const outcomes = [
      held.hold('given up', 0, { signal: controller.signal }),
      ...['a', 'b', 'c', 'd', 'e'].map((label) => held.hold(label)),
    ]
    await held.began('given up', 'a', 'b')
    controller.abort()
    assert.is(await outcomes[0], 'aborted')
    await inMailbox(supervisor, 'patient', 4)
    assert.equal(held.entered, ['given up', 'a', 'b'])
    held.letGo('given up')
    await held.began('given up', 'a', 'b', 'c')
    held.letAllGo()
    assert.equal(await Promise.all(outcomes.slice(1)), Array(5).fill('answered'))
    assert.equal(held.entered, ['given up', 'a', 'b', 'c', 'd', 'e'])
    await supervisor.stop()
  })

  test(`calls of a ${isolation} wait for room in bytes too, and one that never finds enough is carried out alone`, async () => {
    const supervisor = await supervise([keeperSpec('patient', { isolation })])
    const held = new Held(supervisor.ref(patient))
    const labels = ['a', 'b', 'too much with them', 'huge', 'behind it']
    const sizes = [40_000, 40_000, 40_000, 300_000, 10]
    const outcomes = labels.map((label, n) => held.hold(label, sizes[n]))
    const mailbox = async (depth: number) => {
      await inMailbox(supervisor, 'patient', depth)
      return held.entered.length
    }
    await held.began('a', 'b')
    assert.is(await mailbox(2), 2)
    held.letGo('a')
    await held.began('a', 'b', 'too much with them')
    assert.is(await mailbox(2), 3)
    held.letGo('b', 'too much with them')
    await held.began(...labels.slice(0, 4))
    assert.is(await mailbox(1), 4)
    held.letGo('huge', 'behind it')
    assert.equal(await Promise.all(outcomes), Array(5).fill('answered'))
    assert.equal(held.entered, labels)
    assert.is((await mailboxOf(supervisor, 'patient')).bytes, 0)
    await supervisor.stop()
  })
}

test.run()
