import * as Comlink from 'comlink'
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ActorLink } from '../../../../supervisor/runtime/calls/actor-link.ts'
import {
  childSpec,
  RemoteError,
  type ActorRef,
  type ActorSample,
  type IsolationName,
  type Supervisor,
} from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { collectGarbage } from './fixtures/collect-garbage.ts'
import { newCounter } from './fixtures/counter.ts'
import { host, visitor } from './fixtures/host.contract.ts'
import { release } from './fixtures/release.ts'

const hostSpec = (isolation: IsolationName) =>
  childSpec({ contract: host, entry: new URL('./fixtures/host.actor.ts', import.meta.url), isolation })
const visitorSpec = (isolation: IsolationName) =>
  childSpec({
    contract: visitor,
    entry: new URL('./fixtures/visitor.actor.ts', import.meta.url),
    isolation,
    links: ['host'],
  })

/** How many callbacks and proxies are open on the supervisor's side of the host's port, and on the host's side. */
async function open(supervisor: Supervisor): Promise<[here: number, there: number]> {
  const ref: ActorRef<typeof host> = supervisor.ref(host)
  assert.instance(ref, ActorLink)
  const { callbacks } = (await supervisor.ask('host', { about: 'sample' })) as ActorSample
  return [(ref as ActorLink<typeof host>).callbacks, callbacks]
}
const noneOpen = (supervisor: Supervisor) =>
  eventually('nothing is open any more', async () => (await open(supervisor)).every((count) => count === 0))

/** A callback that remembers what it was called with. */
function listener() {
  const heard: unknown[] = []
  return { heard, callback: Comlink.proxy(async (value: unknown) => heard.push(value)) }
}

for (const isolation of isolations) {
  test(`a ${isolation} calls a callback, in order, and gets what it answers`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const { call } = supervisor.ref(host)
    const { heard, callback } = listener()
    const value = { text: 'ä', map: new Map([[1, new Uint8Array([2])]]) }
    assert.equal(
      await call.apply(
        Comlink.proxy(async (given: unknown) => given),
        value,
      ),
      value,
    )
    const answers = await call.applyAll(callback, 100)
    assert.equal(heard, [...Array(100).keys()])
    assert.equal(
      answers,
      [...Array(100).keys()].map((n) => n + 1),
    )
    await supervisor.stop()
  })

  test(`a callback calls the ${isolation} back that has called it`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const { call } = supervisor.ref(host)
    const back = Comlink.proxy(async (value: unknown) => call.echo(['back', await call.echo(value)]))
    assert.equal(await call.apply(back, 'there'), ['back', 'there'])
    await supervisor.stop()
  })

  test(`objects are called where they are, from a ${isolation} and in it`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const { call } = supervisor.ref(host)
    const mine = newCounter()
    assert.equal(await call.add(mine, 5), [5, 5])
    assert.equal(await call.add(mine, 2), [7, 7])
    assert.is(mine.count, 7)
    const theirs = await call.lend()
    assert.is(await theirs.add(3), 3)
    assert.is(await theirs.add(4), 7)
    assert.is(await theirs.count, 7)
    await supervisor.stop()
  })

  test(`errors of a callback reach a ${isolation}, and those of its objects reach their holder, whole`, async () => {
    const supervisor = await supervise([hostSpec(isolation), visitorSpec(isolation)])
    assert.equal(await supervisor.ref(visitor).call.fail(), ['not-here', 'no', 'the reason'])
    const theirs = await supervisor.ref(host).call.lend()
    const error = await rejection(theirs.fail())
    assert.instance(error, RemoteError)
    assert.is(error.code, 'counter-broken')
    assert.is((error.cause as Error).message, 'a broken wheel')
    assert.match(String(error.remoteStack), 'counter.ts')
    assert.match(String(error.stack), 'callbacks.test.ts')
    await supervisor.stop()
  })

  test(`what cannot be cloned fails the call of a callback in a ${isolation}, and nothing else`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const { call } = supervisor.ref(host)
    const { heard, callback } = listener()
    assert.is(await call.applyUncloneable(callback), isolation === 'thread' ? 'DataCloneError' : 'Error')
    const uncloneable = Comlink.proxy(async () => () => 1)
    assert.match((await rejection(call.apply(uncloneable, 0))).message, 'could not be cloned')
    const theirs = await call.lend()
    assert.match((await rejection(theirs.uncloneable())).message, 'could not be cloned')
    assert.match((await rejection(theirs.add((() => 1) as never))).message, 'could not be cloned')
    assert.equal(heard, [])
    assert.is(await call.apply(callback, 'still here'), 1)
    assert.is(supervisor.children[0]?.incarnation, 1)
    await supervisor.stop()
  })

  test(`releasing gives numbers back on both sides of a ${isolation}`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const { call } = supervisor.ref(host)
    await call.keep(Comlink.proxy(async (value: unknown) => value))
    const theirs = await call.lend()
    assert.is(await theirs.add(1), 1)
    assert.equal(await open(supervisor), [2, 2])
    await call.releaseKept()
    release(theirs)
    await noneOpen(supervisor)
    assert.throws(() => theirs.add(1), 'has been released')
    await supervisor.stop()
  })

  test(`what nobody holds any more gives its numbers back, on both sides of a ${isolation}`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const { call } = supervisor.ref(host)
    const borrow = async () => {
      const theirs = await call.lend()
      await theirs.add(1)
    }
    await call.keep(Comlink.proxy(async (value: unknown) => value))
    for (let n = 0; n < 10; n++) await borrow()
    await call.collectKept()
    await eventually('everything is collected', async () => {
      await collectGarbage()
      return (await open(supervisor)).every((count) => count === 0)
    })
    await supervisor.stop()
  })

  test(`the answer of a callback arrives though its ${isolation} has forgotten it meanwhile`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const { call } = supervisor.ref(host)
    const { promise: asked, resolve: ask } = Promise.withResolvers<unknown>()
    const { promise: answer, resolve: giveAnswer } = Promise.withResolvers<unknown>()
    const callback = async (value: unknown) => {
      ask(value)
      return answer
    }
    await call.keep(Comlink.proxy(callback))
    const applied = call.applyForgotten('question')
    assert.is(await asked, 'question')
    await eventually('the callback is released', async () => (await open(supervisor))[0] === 0)
    giveAnswer('answer')
    assert.is(await applied, 'answer')
    await noneOpen(supervisor)
    await supervisor.stop()
  })

  test(`the death of a ${isolation} fails the calls of its objects, those under way and those to come`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const ref = supervisor.ref(host)
    const theirs = await ref.call.lend()
    const underWay = rejection(theirs.wait())
    await ref.call.keep(Comlink.proxy(async (value: unknown) => value))
    const died = once(supervisor, 'death')
    supervisor.kill('host')
    await died
    assert.is((await underWay).code, 'actor-down')
    assert.match((await rejection(theirs.add(1))).message, 'gone')
    // Of what was lent to the life before, nothing is left in the next.
    assert.is(await ref.call.echo('back'), 'back')
    assert.equal(await open(supervisor), [0, 0])
    await supervisor.stop()
  })

  test(`a call that lends a callback is not sent again when its ${isolation} dies, nor waits for it`, async () => {
    const supervisor = await supervise([hostSpec(isolation)])
    const ref = supervisor.ref(host)
    const { promise: called, resolve } = Promise.withResolvers<unknown>()
    const callback = Comlink.proxy((value: unknown) => {
      resolve(value)
      return new Promise<never>(() => {})
    })
    const call = rejection(ref.call.applyAgain(callback, 'once'))
    await called
    const died = once(supervisor, 'death')
    supervisor.kill('host')
    await died
    assert.is((await call).code, 'actor-down')
    assert.is(ref.up, false)
    assert.is((await rejection(ref.call.applyAgain(callback, 'away'))).code, 'actor-down')
    await supervisor.stop()
  })

  for (const visiting of isolations) {
    test(`a ${visiting} lends callbacks to a ${isolation} and borrows its objects`, async () => {
      const supervisor = await supervise([hostSpec(isolation), visitorSpec(visiting)])
      const { call } = supervisor.ref(visitor)
      assert.is(await call.double(21), 42)
      assert.equal(await call.count([1, 2, 3]), [1, 3, 6])
      await supervisor.stop()
    })

    test(`a ${visiting} passes a callback on to a ${isolation}`, async () => {
      const supervisor = await supervise([hostSpec(isolation), visitorSpec(visiting)])
      const { heard, callback } = listener()
      await supervisor.ref(visitor).call.passOn(callback, 'from afar')
      assert.equal(heard, ['from afar'])
      await supervisor.stop()
    })
  }
}

test.run()
