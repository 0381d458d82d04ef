import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  readRecording,
  replay,
  writeRecording,
  type Entry,
  type Recording,
  type Supervisor,
} from '../../../../supervisor/runtime/index.ts'
import { rejection } from '../../../support/rejection.ts'
import { seededRandom, type SeededRandom } from '../../../support/seeded-random.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { eventually } from '../../../support/eventually.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { account } from './fixtures/account.contract.ts'
import { accountSpec, nextRecording } from './fixtures/account-spec.ts'

/** Calls at random, some together, until it dies. */
async function runUntilItDies(supervisor: Supervisor, random: SeededRandom): Promise<Recording> {
  const { call, send } = supervisor.ref(account)
  const recorded = nextRecording(supervisor)
  let dead = false
  supervisor.once('death', () => (dead = true))
  // A recording begins with the oldest message that was kept; for it to tell all, there must not be too many.
  for (let n = 0; n < 20 && !dead; n++) {
    const kinds: (() => Promise<unknown>)[] = [
      () => call.deposit(random.below(10)),
      () => call.withdraw(random.below(15)),
      () => call.interest(random.below(30)),
      () => call.alone(),
      () => call.hold(),
      () => call.release(),
      async () => send.deposit(1),
    ]
    const together = Array.from({ length: 1 + random.below(4) }, () =>
      (kinds[random.below(kinds.length)] ?? call.alone)(),
    )
    // A hold is answered when there is a release, which may be later.
    await Promise.race([Promise.allSettled(together), call.alone().catch(() => undefined)])
  }
  await Promise.allSettled([call.interest(0)])
  await Promise.allSettled([call.withdraw(1_000_000)])
  return recorded
}

/** The recording, written to a file and read of it. */
async function filed(recording: Recording): Promise<Recording> {
  const folder = temporaryFolder()
  try {
    return await readRecording(await writeRecording(folder.path, recording))
  } finally {
    folder.remove()
  }
}

/** What an actor that lives was told, once all but `unanswered` was answered. */
function recordingOf(supervisor: Supervisor, unanswered = 0): Promise<Recording> {
  return eventually('the answers are recorded', () => {
    const recording = supervisor.recording('account')
    const sends = new Set(recording.entries.filter(({ kind }) => kind === 'send').map(({ id }) => id))
    const count = (...kinds: Entry['kind'][]) =>
      recording.entries.filter(({ kind, id }) => kinds.includes(kind) && !sends.has(id)).length
    return count('call') - count('reply', 'error') === unanswered && recording
  })
}

for (const isolation of isolations) {
  test(`what a ${isolation} died of under random calls happens again, three times of three`, async () => {
    const random = seededRandom()
    const spec = accountSpec(isolation, 'forgetful-account')
    const supervisor = await supervise([spec])
    const recording = await filed(await runUntilItDies(supervisor, random))
    await supervisor.stop()
    assert.match(String(recording.death), 'the balance is -')
    for (let time = 1; time <= 3; time++) {
      const report = await replay(recording, spec)
      // What was not answered may have been: a process that dies takes its last answers with it.
      assert.equal(
        report.calls.filter(({ recorded, replayed }) => recorded !== 'none' && recorded !== replayed),
        [],
      )
      assert.equal(report.death, { recorded: recording.death, replayed: recording.death })
      assert.is(report.redacted, 0)
      assert.is(report.same, true)
      assert.is(report.calls.length, recording.entries.filter(({ kind }) => kind === 'call').length)
    }
  })

  test(`a ${isolation} without the bug goes another way, and replay says so`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'forgetful-account')])
    const { call } = supervisor.ref(account)
    const recorded = nextRecording(supervisor)
    await call.deposit(10)
    await call.interest(10)
    await Promise.allSettled([call.withdraw(12)])
    const recording = await filed(await recorded)
    await supervisor.stop()
    const { same, death, calls } = await replay(recording, accountSpec(isolation, 'account'))
    assert.is(same, false)
    assert.is(death.replayed, null)
    assert.match(String(death.recorded), 'the balance is -1')
    assert.equal(
      calls.map(({ name, replayed }) => `${name} ${replayed}`),
      ['deposit reply', 'interest reply', 'withdraw error'],
    )
  })

  test(`calls to a ${isolation} that overlapped do so again, and others do not`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'account')])
    const { call } = supervisor.ref(account)
    await call.alone()
    const held = [call.hold(), call.hold()]
    await rejection(call.alone())
    await call.release()
    await Promise.all(held)
    await call.alone()
    const unanswered = rejection(call.hold())
    await rejection(call.alone())
    const recording = await recordingOf(supervisor, 1)
    await supervisor.stop()
    await unanswered
    const { same, calls } = await replay(recording, accountSpec(isolation, 'account'))
    assert.equal(
      calls.map(({ name, replayed }) => `${name} ${replayed}`),
      [
        'alone reply',
        'hold reply',
        'hold reply',
        'alone error',
        'release reply',
        'alone reply',
        'hold none',
        'alone error',
      ],
    )
    assert.is(same, true)
  })

  test(`calls to a ${isolation} whose arguments were not recorded are left out, and counted`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'account')])
    const { call, send } = supervisor.ref(account)
    await call.deposit(1)
    for (const secret of ['one', 'two']) await call.sign(secret)
    send.sign('three')
    await call.deposit(1)
    const recording = await recordingOf(supervisor)
    await supervisor.stop()
    const { same, redacted, calls } = await replay(recording, accountSpec(isolation, 'account'))
    assert.is(redacted, 3)
    assert.equal(
      calls.map(({ name }) => name),
      ['deposit', 'deposit'],
    )
    assert.is(same, true)
  })

  test(`a call to a ${isolation} that was cancelled is cancelled again`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'account')])
    const ref = supervisor.ref(account)
    const controller = new AbortController()
    const aborted = rejection(ref.with({ signal: controller.signal }).hold())
    await rejection(ref.call.alone())
    controller.abort()
    await aborted
    await ref.call.release()
    await ref.call.alone()
    const recording = await eventually('all is recorded', () => {
      const recording = supervisor.recording('account')
      return recording.entries.findLast(({ kind }) => kind === 'reply')?.name === 'alone' && recording
    })
    await supervisor.stop()
    assert.ok(recording.entries.some(({ kind }) => kind === 'cancel'))
    const { same, calls } = await replay(recording, accountSpec(isolation, 'account'))
    assert.equal(
      calls.map(({ name, recorded, replayed }) => `${name} ${recorded} ${replayed}`),
      ['hold none none', 'alone error error', 'release reply reply', 'alone reply reply'],
    )
    assert.is(same, true)
  })

  test(`a call that a full mailbox of a ${isolation} refused is refused again`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'account')])
    const { call } = supervisor.ref(account)
    const { messages } = account.mailbox
    const held = Array.from({ length: messages }, () => call.hold())
    const refused = await rejection(call.alone())
    assert.is(refused.code, 'mailbox-full')
    const recording = supervisor.recording('account')
    await supervisor.stop()
    await Promise.allSettled(held)
    const { same, calls } = await replay(recording, accountSpec(isolation, 'account'))
    assert.equal(
      calls.slice(-2).map(({ name, recorded, replayed }) => `${name} ${recorded} ${replayed}`),
      ['hold none none', 'alone error error'],
    )
    assert.is(same, true)
  })
}

test('callers that came back begin to count anew, and their calls are not taken for one another', async () => {
  const at = 0
  const caller = 'front'
  const recording: Recording = {
    actor: 'account',
    incarnation: 1,
    death: null,
    entries: [
      { at, caller, kind: 'call', name: 'withdraw', id: 1, bytes: 8, payload: [1] },
      { at, caller, kind: 'error', name: 'withdraw', id: 1, bytes: 0 },
      { at, caller, kind: 'call', name: 'deposit', id: 1, bytes: 8, payload: [1] },
      { at, caller, kind: 'reply', name: 'deposit', id: 1, bytes: 0 },
      { at, caller, kind: 'call', name: 'hold', id: 1, bytes: 0, payload: [] },
    ],
  }
  const { same, calls } = await replay(recording, accountSpec('thread', 'account'))
  assert.equal(
    calls.map(({ recorded, replayed }) => `${recorded} ${replayed}`),
    ['error error', 'reply reply', 'none none'],
  )
  assert.is(same, true)
})

test.run()
