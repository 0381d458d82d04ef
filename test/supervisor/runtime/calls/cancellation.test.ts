import * as Comlink from 'comlink'
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ActorRef, ActorSample, Supervisor } from '../../../../supervisor/runtime/index.ts'
import { eventually } from '../../../support/eventually.ts'
import { rejection } from '../../../support/rejection.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { agentSpec, serialSpec, subjectSpec } from './fixtures/subject-specs.ts'
import { agent, serial, subject, type SubjectApi } from './fixtures/subject.contract.ts'

/** Resolves when the actor has noted `note`. */
async function noted(ref: ActorRef<typeof subject>, note: string): Promise<void> {
  await eventually(`"${note}" is noted`, async () => (await ref.call.notes()).includes(note))
}

/** Resolves when this many calls are in the actor's mailbox, waiting or open. */
async function inMailbox(supervisor: Supervisor, name: string, depth: number): Promise<void> {
  await eventually(`${depth} calls in the mailbox of ${name}`, async () => {
    const sample = (await supervisor.ask(name, { about: 'sample' })) as ActorSample
    return sample.mailbox.depth === depth
  })
}

const givenUp = 'Nobody waits for this call any more'

for (const isolation of isolations) {
  test(`the deadline of a call aborts its signal in a ${isolation}`, async () => {
    const supervisor = await supervise([subjectSpec(isolation)])
    const ref = supervisor.ref(subject)
    const error = await rejection(ref.with({ deadlineMs: 30 }).untilCancelled('late'))
    assert.is(error.code, 'deadline')
    await noted(ref, `left late: ${givenUp}`)
    await supervisor.stop()
  })

  test(`aborting a call aborts its signal in a ${isolation}`, async () => {
    const supervisor = await supervise([subjectSpec(isolation)])
    const ref = supervisor.ref(subject)
    const controller = new AbortController()
    const call = rejection(ref.with({ signal: controller.signal }).untilCancelled('unwanted'))
    await noted(ref, 'entered unwanted')
    controller.abort()
    assert.is((await call).code, 'aborted')
    await noted(ref, `left unwanted: ${givenUp}`)
    await supervisor.stop()
  })

  test(`a ${isolation} is told when plain Comlink that called it closes its port`, async () => {
    const supervisor = await supervise([subjectSpec(isolation)])
    const port = supervisor.port('subject', 'a stranger')
    const plain = Comlink.wrap<SubjectApi>(port)
    assert.is(await plain.caller(), 'a stranger')
    void plain.untilCancelled('plain')
    await noted(supervisor.ref(subject), 'entered plain')
    port.close()
    await noted(supervisor.ref(subject), 'left plain: The caller a stranger is gone')
    await supervisor.stop()
  })

  for (const callerIsolation of isolations) {
    test(`the death of a ${callerIsolation} aborts the signals of its calls in a ${isolation}`, async () => {
      const supervisor = await supervise([subjectSpec(isolation), agentSpec('subject', callerIsolation)])
      const ref = supervisor.ref(subject)
      const call = rejection(supervisor.ref(agent).call.untilCancelled('orphan'))
      await noted(ref, 'entered orphan')
      await supervisor.ref(agent).call.noteAndGoOn('answered')
      supervisor.kill('agent')
      assert.is((await call).code, 'actor-down')
      await noted(ref, 'left orphan: The caller agent is gone')
      // A call that was answered before is over.
      assert.equal(await ref.call.notes(), [
        'entered orphan',
        'answered',
        'left orphan: The caller agent is gone',
      ])
      await supervisor.stop()
    })
  }

  test(`a call that was cancelled while it waited in the mailbox of a ${isolation} is never carried out`, async () => {
    const supervisor = await supervise([serialSpec(isolation), agentSpec('serial')])
    const ref = supervisor.ref(serial)
    const [first, aborted] = [new AbortController(), new AbortController()]
    const calls = [rejection(ref.with({ signal: first.signal }).untilCancelled('first'))]
    await inMailbox(supervisor, 'serial', 1)
    calls.push(
      rejection(ref.with({ signal: aborted.signal }).note('aborted')),
      rejection(ref.with({ deadlineMs: 2_000 }).note('too late')),
      rejection(supervisor.ref(agent).call.note('of a caller that died')),
    )
    const wanted = ref.call.note('wanted')
    await inMailbox(supervisor, 'serial', 5)
    aborted.abort()
    supervisor.kill('agent')
    await inMailbox(supervisor, 'serial', 2)
    first.abort()
    await wanted
    assert.equal(
      (await Promise.all(calls)).map(({ code }) => code),
      ['aborted', 'aborted', 'deadline', 'actor-down'],
    )
    assert.equal(await ref.call.notes(), ['entered first', `left first: ${givenUp}`, 'wanted'])
    await supervisor.stop()
  })

  test(`a call that was cancelled while a ${isolation} was away is not carried out when it is back`, async () => {
    const supervisor = await supervise([subjectSpec(isolation)])
    const ref = supervisor.ref(subject)
    const died = once(supervisor, 'death')
    supervisor.kill('subject')
    await died
    assert.is(ref.up, false)
    const controller = new AbortController()
    const call = rejection(ref.with({ signal: controller.signal }).note('given up'))
    const wanted = ref.call.note('wanted')
    controller.abort()
    assert.is((await call).code, 'aborted')
    await wanted
    assert.equal(await ref.call.notes(), ['wanted'])
    await supervisor.stop()
  })

  test(`a method of a ${isolation} knows who called it, before its first await and never elsewhere`, async () => {
    const supervisor = await supervise([subjectSpec(isolation), agentSpec('subject')])
    const { call } = supervisor.ref(subject)
    assert.is(await call.caller(), 'supervisor')
    assert.is(await supervisor.ref(agent).call.caller(), 'agent')
    const tooLate = 'context.call is read in a method, before its first await'
    assert.is((await rejection(call.callerTooLate())).message, tooLate)
    assert.is(await call.callAtStart(), `threw: ${tooLate}`)
    await supervisor.stop()
  })
}

test('a call that is aborted before it is made does not reach the actor', async () => {
  const supervisor = await supervise([subjectSpec()])
  const ref = supervisor.ref(subject)
  const error = await rejection(ref.with({ signal: AbortSignal.abort(new Error('no')) }).note('never'))
  assert.is(error.code, 'aborted')
  assert.is((error.cause as Error).message, 'no')
  assert.equal(await ref.call.notes(), [])
  await supervisor.stop()
})

test.run()
