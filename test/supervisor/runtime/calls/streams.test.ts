import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  ActorDown,
  childSpec,
  RemoteError,
  StreamBroken,
  type ActorRef,
  type IsolationName,
} from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { reader, source } from './fixtures/source.contract.ts'

/** Items that a producer may be ahead of its consumer. */
const windowItems = 32

const sourceSpec = (isolation: IsolationName) =>
  childSpec({ contract: source, entry: new URL('./fixtures/source.actor.ts', import.meta.url), isolation })
const readerSpec = (isolation: IsolationName) =>
  childSpec({
    contract: reader,
    entry: new URL('./fixtures/reader.actor.ts', import.meta.url),
    isolation,
    links: ['source'],
  })

/** What was read, and the error with which it ended. */
async function readAll<T>(items: AsyncIterable<T>): Promise<{ read: T[]; error: unknown }> {
  const read: T[] = []
  try {
    for await (const item of items) read.push(item)
  } catch (error) {
    return { read, error }
  }
  return { read, error: undefined }
}

/** Resolves when the producer rests, with how far it has come. */
async function resting(ref: ActorRef<typeof source>): Promise<number> {
  let before = -1
  return eventually('the producer rests', async () => {
    const { produced } = await ref.call.state()
    const rests = produced === before && produced
    before = produced
    return rests
  })
}

const upTo = (count: number) => [...Array(count).keys()]

for (const isolation of isolations) {
  test(`the items of a stream of a ${isolation} come in order and to the last`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const { call } = supervisor.ref(source)
    for (const count of [0, 1, windowItems, windowItems + 1, 5_000])
      assert.equal((await readAll(await call.numbers(count))).read, upTo(count))
    await supervisor.stop()
  })

  test(`many streams of a ${isolation} at once do not disturb each other, nor calls beside them`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const { call } = supervisor.ref(source)
    const streams = [10, 500, 77, 1_000].map(async (count) => readAll(await call.numbers(count)))
    assert.is((await call.state()).produced, 0)
    assert.equal(
      (await Promise.all(streams)).map(({ read }) => read.length),
      [10, 500, 77, 1_000],
    )
    await supervisor.stop()
  })

  test(`a producer in a ${isolation} is never more than the window ahead of its consumer`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const ref = supervisor.ref(source)
    const items = (await ref.call.watched())[Symbol.asyncIterator]()
    let consumed = 0
    for (const wanted of [0, 1, 40, 41, 100, 500]) {
      while (consumed < wanted) assert.is((await items.next()).value, consumed++)
      const produced = await resting(ref)
      assert.ok(produced <= consumed + windowItems, `${produced} produced, ${consumed} consumed`)
      assert.ok(produced > consumed + windowItems / 2, `${produced} produced, ${consumed} consumed`)
    }
    await supervisor.stop()
  })

  test(`leaving the loop over a stream ends its producer in a ${isolation}, clean-up included`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const ref = supervisor.ref(source)
    const cleanedUp = () => eventually('its clean-up has run', async () => (await ref.call.state()).cleanedUp)
    for await (const item of await ref.call.watched()) if (item === 3) break
    await cleanedUp()
    const thrown = await rejection(
      (async () => {
        for await (const _ of await ref.call.watched()) throw new Error('enough')
      })(),
    )
    assert.is(thrown.message, 'enough')
    await cleanedUp()
    assert.is(supervisor.children[0]?.incarnation, 1)
    await supervisor.stop()
  })

  test(`an error of a producer in a ${isolation} comes after its items, with code, cause and stack`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const { read, error } = await readAll(await supervisor.ref(source).call.failing())
    assert.equal(read, ['one', 'two'])
    assert.instance(error, RemoteError)
    assert.is((error as RemoteError).code, 'source-dry')
    assert.is(((error as RemoteError).cause as Error).message, 'a drought')
    assert.match(String((error as RemoteError).remoteStack), 'source.actor.ts')
    await supervisor.stop()
  })

  test(`an item of a ${isolation} that cannot be cloned fails its stream alone`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const { call } = supervisor.ref(source)
    const { read, error } = await readAll(await call.uncloneable())
    assert.equal(read, ['fine'])
    assert.match((error as Error).message, 'could not be cloned')
    assert.equal((await readAll(await call.numbers(3))).read, [0, 1, 2])
    assert.is(supervisor.children[0]?.incarnation, 1)
    await supervisor.stop()
  })

  test(`the death of a ${isolation} fails its streams with actor-down, behind what has arrived`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const ref = supervisor.ref(source)
    const items = (await ref.call.watched())[Symbol.asyncIterator]()
    const first = await items.next()
    await resting(ref)
    const died = once(supervisor, 'death')
    supervisor.kill('source', 'a test')
    await died
    const { read, error } = await readAll({ [Symbol.asyncIterator]: () => items })
    assert.equal([first.value, ...read], upTo(1 + read.length))
    assert.instance(error, ActorDown)
    assert.is((error as ActorDown).actor, 'source')
    assert.is((error as ActorDown).incarnation, 1)
    assert.equal(await items.next(), { done: true, value: undefined })
    await supervisor.stop()
  })

  test(`a stream of a ${isolation} that stalls ends with its deadline, which is one for each item`, async () => {
    const supervisor = await supervise([sourceSpec(isolation)])
    const { read, error } = await readAll(await supervisor.ref(source).with({ deadlineMs: 500 }).stalling())
    assert.equal(read, ['one'])
    assert.instance(error, StreamBroken)
    assert.is((error as StreamBroken).code, 'stream-broken')
    await supervisor.stop()
  })

  for (const readerIsolation of isolations) {
    test(`a ${readerIsolation} reads a stream of a ${isolation}, and passes one on`, async () => {
      const supervisor = await supervise([sourceSpec(isolation), readerSpec(readerIsolation)])
      const { call } = supervisor.ref(reader)
      assert.equal(await call.numbers(200), upTo(200))
      assert.equal((await readAll(await call.passOn(200))).read, upTo(200))
      await supervisor.stop()
    })

    test(`a producer in a ${isolation} ends when the ${readerIsolation} that read it dies`, async () => {
      const supervisor = await supervise([sourceSpec(isolation), readerSpec(readerIsolation)])
      const { call } = supervisor.ref(source)
      const reading = rejection(supervisor.ref(reader).call.readForEver())
      await eventually('it reads', async () => (await call.state()).produced > 2 * windowItems)
      supervisor.kill('reader')
      assert.is((await reading).code, 'actor-down')
      await eventually('its clean-up has run', async () => (await call.state()).cleanedUp)
      await supervisor.stop()
    })
  }
}

test.run()
