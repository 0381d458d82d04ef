import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DeadLetters, joinReports } from '../../../../supervisor/runtime/dead-letters.ts'
import {
  defineContract,
  type DeadLetter,
  type DeadReason,
  type Supervisor,
} from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { inLife } from '../faults/fixtures/in-life.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { Held } from './fixtures/held.ts'
import { few, sender, type KeeperApi } from './fixtures/keeper.contract.ts'
import { outcomeOf } from './fixtures/outcome.ts'
import { inMailbox, keeperSpec, senderSpec } from './fixtures/start.ts'

/** Samples carry the dead letters of actors. */
const sampling = { everyMs: 50 }
const forMs = 600_000

/** Promises a method that the actor lacks. */
const promising = defineContract<KeeperApi & { absent(): Promise<void> }>({ name: few.name })

type Letter = Omit<DeadLetter, 'at'>
const said = ({ actor, message, reason }: Letter) => `${message} for ${actor}: ${reason}`

/** Takes away the time, and the order between those who keep letters. */
function lettersOf(supervisor: Supervisor): string[] {
  return supervisor.deadLetters.recent.map(said).sort()
}

interface Undelivered {
  /** Makes messages that do not arrive. */
  make(supervisor: Supervisor, held: Held): Promise<void>
  letters: readonly Omit<Letter, 'reason'>[]
  /** What else comes of it. */
  also?: readonly Letter[]
}

const hold = { actor: 'few', message: 'hold' }
const note = { actor: 'few', message: 'note' }

/** Ways to each reason that the runtime knows. */
const ways: Record<DeadReason, Undelivered> = {
  'mailbox-full': {
    async make(supervisor, held) {
      const outcomes = ['a', 'b', 'c', 'd', 'no room'].map((label) => held.hold(label))
      await held.began('a', 'b')
      supervisor.ref(few).send.note('no room either')
      assert.is(await outcomes[4], 'mailbox-full')
      held.letAllGo()
      assert.equal(await Promise.all(outcomes.slice(0, 4)), Array(4).fill('answered'))
    },
    letters: [hold, note],
  },
  deadline: {
    async make(_, held) {
      assert.is(await held.hold('late', 0, { deadlineMs: 20 }), 'deadline')
    },
    letters: [hold],
  },
  aborted: {
    async make(supervisor, held) {
      const controller = new AbortController()
      const call = held.hold('given up', 0, { signal: controller.signal })
      await held.began('given up')
      controller.abort()
      assert.is(await call, 'aborted')
      const never = supervisor.ref(few).with({ signal: AbortSignal.abort() }).note('never made')
      assert.is(await outcomeOf(never), 'aborted')
    },
    letters: [hold, note],
  },
  'actor-down': {
    async make(supervisor, held) {
      const ref = supervisor.ref(few)
      const call = held.hold('in flight')
      await held.began('in flight')
      const died = once(supervisor, 'death')
      supervisor.kill('few')
      await died
      assert.is(ref.up, false)
      ref.send.note('nobody is there')
      assert.is(await call, 'actor-down')
    },
    letters: [hold, note],
  },
  'unknown-method': {
    async make(supervisor) {
      assert.is(await outcomeOf(supervisor.ref(promising).call.absent()), 'unknown-method')
    },
    letters: [{ actor: 'few', message: 'absent' }],
  },
  'not-cloneable': {
    async make(supervisor) {
      const { call } = supervisor.ref(few)
      assert.match(await outcomeOf(call.take(() => 1)), 'DataCloneError')
      assert.match(await outcomeOf(call.opaque()), 'could not be cloned')
    },
    letters: [
      { actor: 'few', message: 'take' },
      { actor: 'supervisor', message: 'a reply' },
    ],
  },
  duplicate: {
    async make(supervisor) {
      supervisor.inflict('few', { fault: 'duplicate', forMs, share: 1, seed: 1 })
      await inMailbox(supervisor, 'few', 0)
      await supervisor.ref(few).call.note('twice')
      assert.equal(await supervisor.ref(few).call.notes(), ['twice'])
    },
    // What came twice to the actor, and what came twice from it.
    letters: [note, { actor: 'few', message: 'notes' }, { actor: 'few', message: 'entered' }],
  },
  dropped: {
    async make(supervisor) {
      supervisor.inflict('few', { fault: 'drop', forMs, share: 1, seed: 1 })
      await inMailbox(supervisor, 'few', 0)
      const ref = supervisor.ref(few)
      ref.send.note('lost')
      assert.is(await outcomeOf(ref.with({ deadlineMs: 20 }).note('lost as well')), 'deadline')
    },
    letters: [note, note],
    also: [{ ...note, reason: 'deadline' }],
  },
}

for (const isolation of isolations) {
  for (const [reason, { make, letters, also = [] }] of Object.entries(ways) as [DeadReason, Undelivered][]) {
    test(`the dead letters of a ${isolation} count and name what did not arrive: ${reason}`, async () => {
      const supervisor = await supervise([keeperSpec('few', { isolation })], { sampling })
      assert.equal(supervisor.deadLetters, { counts: {}, recent: [] })
      await make(supervisor, new Held(supervisor.ref(few)))
      const expected = [...letters.map((letter) => ({ ...letter, reason })), ...also]
      await eventually('they are counted', () => supervisor.deadLetters.recent.length >= expected.length)
      assert.equal(lettersOf(supervisor), expected.map(said).sort())
      const counts = Object.fromEntries(also.map((letter) => [letter.reason, 1]))
      assert.equal(supervisor.deadLetters.counts, { ...counts, [reason]: letters.length })
      await supervisor.stop()
    })
  }

  test(`dead letters of a ${isolation} go on to count in its next life, and the last fifty are kept`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation })], { sampling })
    const ref = supervisor.ref(few)
    const counted = (full: number) =>
      eventually(`${full} refused`, () => supervisor.children[0]?.deadLetters.counts['mailbox-full'] === full)
    let refused = 0
    for (const [life, more] of [
      [1, 60],
      [2, 7],
    ] as const) {
      await inLife(supervisor, 'few', life)
      const held = new Held(ref)
      const calls = Array.from({ length: 4 }, (_, n) => held.hold(`${life} ${n}`))
      await held.began(`${life} 0`, `${life} 1`)
      await Promise.all(Array.from({ length: more }, () => outcomeOf(ref.call.note('no room'))))
      await counted((refused += more))
      supervisor.kill('few')
      assert.equal(await Promise.all(calls), Array(4).fill('actor-down'))
    }
    assert.equal(supervisor.deadLetters.counts, { 'mailbox-full': 67, 'actor-down': 8 })
    const { recent } = supervisor.deadLetters
    assert.is(recent.length, 50)
    assert.equal(
      recent.map(({ at }) => at),
      recent.map(({ at }) => at).sort((a, b) => a - b),
    )
    await supervisor.stop()
  })

  test(`what an actor could not deliver to a ${isolation} that it is linked to is counted with that actor`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation }), senderSpec('few')], { sampling })
    const ref = supervisor.ref(few)
    const held = new Held(ref)
    // It hears on another port than the one on which the sender calls.
    await ref.call.notes()
    const call = outcomeOf(supervisor.ref(sender).call.hold('in flight', held.until('in flight')))
    await held.began('in flight')
    supervisor.kill('few')
    assert.is(await call, 'actor-down')
    const letters = await eventually('it is counted', () => {
      const { deadLetters } = supervisor.children[1] ?? {}
      return deadLetters && deadLetters.recent.length > 0 ? deadLetters : undefined
    })
    assert.equal(letters.counts, { 'actor-down': 1 })
    assert.equal(letters.recent.map(said), ['hold for few: actor-down'])
    // The sender answered with an error of its own: to its caller, everything was delivered.
    assert.equal(supervisor.deadLetters.counts, { 'actor-down': 1 })
    await supervisor.stop()
  })
}

test('letters are counted for good, and the last fifty kept by name, newest last', () => {
  const letters = new DeadLetters()
  for (let n = 0; n < 1_000; n++) letters.add('an actor', String(n), n % 2 === 0 ? 'deadline' : 'aborted')
  const { counts, recent } = letters.report
  assert.equal(counts, { deadline: 500, aborted: 500 })
  assert.equal(
    recent.map(({ message }) => Number(message)),
    Array.from({ length: 50 }, (_, n) => 950 + n),
  )
})

test('joined reports add up, and keep the newest letters of all of them', () => {
  const report = (count: number, reason: DeadReason, at: number) => ({
    counts: { [reason]: count },
    recent: Array.from({ length: 40 }, (_, n) => ({ at: at + 10 * n, actor: 'a', message: reason, reason })),
  })
  const { counts, recent } = joinReports([
    report(100, 'dropped', 5),
    report(40, 'duplicate', 0),
    report(60, 'dropped', -10_000),
  ])
  assert.equal(counts, { dropped: 160, duplicate: 40 })
  assert.equal(
    recent.map(({ at }) => at),
    Array.from({ length: 50 }, (_, n) => 150 + 5 * n),
  )
})

test.run()
