import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  childSpec,
  type DeadReason,
  type MessageFault,
  type Supervisor,
} from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { echo } from '../fixtures/echo.contract.ts'
import { echoSpec, isolations, supervise } from '../fixtures/start.ts'
import { Held } from '../mailbox/fixtures/held.ts'
import { few } from '../mailbox/fixtures/keeper.contract.ts'
import { keeperSpec } from '../mailbox/fixtures/start.ts'
import { ticker } from './fixtures/ticker.contract.ts'

const forMs = 600_000
/** Samples carry the dead letters of actors. */
const sampling = { everyMs: 50 }
/** As many items of a stream as this are under way at most. */
const streamWindow = 32

/** @returns when the fault has come to the actor: what it is asked goes the same way, calls do not */
async function inflict(supervisor: Supervisor, name: string, fault: MessageFault): Promise<void> {
  supervisor.inflict(name, fault)
  await supervisor.ask(name, { about: 'sample' })
}

function letters(supervisor: Supervisor, reason: DeadReason): number {
  return supervisor.deadLetters.counts[reason] ?? 0
}

for (const isolation of isolations) {
  test(`what arrives twice at a ${isolation} is carried out once, answered once, and counted`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })], { sampling })
    const ref = supervisor.ref(echo)
    const heard: number[] = []
    ref.on('tick', (n) => heard.push(n))
    await ref.call.echo('subscribed')
    await inflict(supervisor, 'echo', { fault: 'duplicate', forMs, share: 1, seed: 1 })
    await ref.call.tick(3)
    assert.equal(await Promise.all([1, 2, 3].map((n) => ref.call.echo(n))), [1, 2, 3])
    // Four calls at the actor, three events at the subscriber.
    await eventually('they are counted', () => letters(supervisor, 'duplicate') >= 7)
    assert.is(letters(supervisor, 'duplicate'), 7)
    assert.equal(heard, [1, 2, 3])
    assert.is(supervisor.children[0]?.incarnation, 1)
    await supervisor.stop()
  })

  test(`calls, answers and events of a ${isolation} that are delayed keep their order`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const ref = supervisor.ref(echo)
    const heard: number[] = []
    ref.on('tick', (n) => heard.push(n))
    await inflict(supervisor, 'echo', { fault: 'delay', forMs, share: 0.5, seed: 3, ms: 20 })
    const order: unknown[] = []
    const numbers = [...Array(60).keys()]
    await Promise.all(numbers.map((n) => ref.call.echo(n).then((value) => order.push(value))))
    assert.equal(order, numbers)
    await ref.call.tick(20)
    await eventually('all events', () => heard.length === 20)
    assert.equal(heard, numbers.slice(1, 21))
    await supervisor.stop()
  })

  test(`calls to a ${isolation} that are dropped end with their deadline, and are counted`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })], { sampling })
    const ref = supervisor.ref(echo)
    await inflict(supervisor, 'echo', { fault: 'drop', forMs, share: 1, seed: 5 })
    const calls = [1, 2, 3].map((n) => rejection(ref.with({ deadlineMs: 100 }).echo(n)))
    assert.equal(
      (await Promise.all(calls)).map(({ code }) => code),
      ['deadline', 'deadline', 'deadline'],
    )
    assert.is(letters(supervisor, 'deadline'), 3)
    await eventually('they are counted', () => letters(supervisor, 'dropped') === 3)
    assert.equal(
      supervisor.deadLetters.recent
        .filter(({ reason }) => reason === 'dropped')
        .map(({ message }) => message),
      ['echo', 'echo', 'echo'],
    )
    await inflict(supervisor, 'echo', { fault: 'drop', forMs, share: 0, seed: 5 })
    assert.is(await ref.call.echo('again'), 'again')
    assert.is(supervisor.children[0]?.incarnation, 1)
    await supervisor.stop()
  })

  test(`a call whose answer from a ${isolation} is dropped waits on, and can be given up`, async () => {
    const supervisor = await supervise([keeperSpec('few', { isolation })], { sampling })
    const held = new Held(supervisor.ref(few))
    const controller = new AbortController()
    const call = held.hold('unheard', 0, { signal: controller.signal })
    await held.began('unheard')
    await inflict(supervisor, 'few', { fault: 'drop', forMs, share: 1, seed: 5 })
    held.letAllGo()
    const [letter] = await eventually('its answer is dropped', () => {
      const { recent } = supervisor.deadLetters
      return recent.length > 0 && recent
    })
    assert.equal([letter?.actor, letter?.message, letter?.reason], ['supervisor', 'a reply', 'dropped'])
    controller.abort()
    assert.is(await call, 'aborted')
    await supervisor.stop()
  })

  test(`whoever listens to a ${isolation} notices lost events, the last ones too, and can ask anew`, async () => {
    const entry = new URL('./fixtures/ticker.actor.ts', import.meta.url)
    const supervisor = await supervise([childSpec({ contract: ticker, entry, isolation })])
    const ref = supervisor.ref(ticker)
    const heard: number[] = []
    let ups = 0
    ref.on('tick', (n) => heard.push(n))
    ref.onUp(() => ups++)
    assert.is(ups, 1)
    const ticks = (await ref.call.ticks())[Symbol.asyncIterator]()
    const take = async (count: number) => {
      for (let n = 0; n < count; n++) await ticks.next()
    }
    await take(1)
    await eventually('it is ahead by all it may', () => heard.length === streamWindow)

    await inflict(supervisor, 'ticker', { fault: 'drop', forMs, share: 1, seed: 5 })
    await take(3 * streamWindow)
    await eventually('the listener is told to look anew', () => ups > 1)
    assert.is(heard.length, streamWindow)

    await inflict(supervisor, 'ticker', { fault: 'drop', forMs, share: 0, seed: 5 })
    const missed = 1 + 3 * streamWindow
    assert.ok((await ref.call.count()) >= missed)
    await take(3 * streamWindow)
    await eventually('the next events', () => heard.length > streamWindow)
    assert.ok(heard.slice(streamWindow).every((n) => n > missed))
    await supervisor.stop()
  })

  test(`message faults of a ${isolation} end after their time`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const ref = supervisor.ref(echo)
    await eventually('a call is lost', async () => {
      await inflict(supervisor, 'echo', { fault: 'drop', forMs: 300, share: 1, seed: 5 })
      const answer = await ref
        .with({ deadlineMs: 50 })
        .echo('?')
        .catch(() => 'lost')
      return answer === 'lost'
    })
    await eventually('it is over', async () => {
      const answer = await ref
        .with({ deadlineMs: 50 })
        .echo('?')
        .catch(() => 'lost')
      return answer === '?'
    })
    const answers = await Promise.all([...Array(50).keys()].map((n) => ref.call.echo(n)))
    assert.equal(answers, [...Array(50).keys()])
    assert.is(supervisor.children[0]?.incarnation, 1)
    await supervisor.stop()
  })
}

test.run()
