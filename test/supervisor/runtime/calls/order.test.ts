import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RemoteError, type ActorRef } from '../../../../supervisor/runtime/index.ts'
import { rejection } from '../../../support/rejection.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { echo } from '../fixtures/echo.contract.ts'
import { echoSpec, isolations, supervise } from '../fixtures/start.ts'
import { deathOf } from './fixtures/death-of.ts'
import { narrowSpec, serialSpec, subjectSpec } from './fixtures/subject-specs.ts'
import { narrow, serial, subject } from './fixtures/subject.contract.ts'

const random = seededRandom()

/** Makes calls and sends, in one turn or in several, in the order of their labels. @returns the answers to the calls */
async function mix(
  ref: ActorRef<typeof subject>,
  labels: readonly string[],
): Promise<PromiseSettledResult<void>[]> {
  const calls: Promise<void>[] = []
  for (const label of labels) {
    if (random.below(3) === 0) ref.send.note(label)
    else calls.push(random.below(2) === 0 ? ref.call.note(label) : ref.call.noteLater(label))
    if (random.below(20) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return Promise.allSettled(calls)
}

const labels = (count: number) => Array.from({ length: count }, (_, n) => String(n))

for (const isolation of isolations) {
  test(`calls and sends are carried out in a ${isolation} in the order in which they were made, each once`, async () => {
    const supervisor = await supervise([serialSpec(isolation)])
    const ref = supervisor.ref(serial)
    await mix(ref, labels(900))
    assert.equal(await ref.call.notes(), labels(900))
    await supervisor.stop()
  })

  test(`they are begun in order where a ${isolation} carries out many at once`, async () => {
    const supervisor = await supervise([subjectSpec(isolation)])
    const ref = supervisor.ref(subject)
    const calls: Promise<void>[] = []
    for (const label of labels(500)) {
      if (Number(label) % 3 === 0) ref.send.note(label)
      else calls.push(ref.call.note(label))
    }
    await Promise.all(calls)
    assert.equal(await ref.call.notes(), labels(500))
    await supervisor.stop()
  })

  test(`sends do not overtake calls that wait for room in a ${isolation}, nor make them get lost`, async () => {
    const supervisor = await supervise([narrowSpec(isolation)])
    const ref = supervisor.ref(narrow)
    const answers = await mix(ref, labels(300))
    assert.ok(answers.every(({ status }) => status === 'fulfilled'))
    const notes = (await ref.call.notes()).map(Number)
    assert.equal(
      notes,
      notes.toSorted((a, b) => a - b),
    )
    assert.is(new Set(notes).size, notes.length)
    assert.ok(notes.length >= answers.length)
    await supervisor.stop()
  })

  test(`calls made while a ${isolation} was away are carried out before those made later`, async () => {
    const supervisor = await supervise([subjectSpec(isolation)])
    const ref = supervisor.ref(subject)
    const died = deathOf(supervisor, 'subject')
    supervisor.kill('subject')
    await died
    const early = labels(50).map((label) => ref.call.note(label))
    const late = new Promise<void>((resolve, reject) => {
      ref.onUp(() => void ref.call.note('50').then(resolve, reject))
    })
    await Promise.all([...early, late])
    assert.equal(await ref.call.notes(), labels(51))
    await supervisor.stop()
  })

  test(`an error of a ${isolation} has both stacks: where it was thrown, and who asked for it`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const ref = supervisor.ref(echo)
    async function asks() {
      await Promise.resolve(ref.call.fail('no'))
    }
    async function wantsToKnow() {
      await asks()
    }
    const error = await rejection(wantsToKnow())
    assert.instance(error, RemoteError)
    assert.is(error.code, 'refused-here')
    assert.is((error.cause as Error).message, 'the reason behind')
    assert.match(String((error.cause as RemoteError).remoteStack), /fixtures\/echo\.ts:\d+/)
    assert.match(String(error.stack), /at async asks \(.*calls\/order\.test\.ts:\d+:\d+\)/)
    assert.match(String(error.stack), /at async wantsToKnow \(.*calls\/order\.test\.ts:\d+:\d+\)/)
    assert.match(String(error.remoteStack), /fixtures\/echo\.ts:\d+/)
    await supervisor.stop()
  })
}

test.run()
