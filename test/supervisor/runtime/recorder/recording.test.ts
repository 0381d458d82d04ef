import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Entry } from '../../../../supervisor/runtime/index.ts'
import { rejection } from '../../../support/rejection.ts'
import { eventually } from '../../../support/eventually.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { account } from './fixtures/account.contract.ts'
import { accountSpec, nextRecording } from './fixtures/account-spec.ts'

const bytes = new Uint8Array([1, 2, 3])

/** Without times and sizes. */
function told(entries: readonly Entry[]): string[] {
  return entries.map(({ kind, caller, name, id }) => `${kind} ${id} ${caller} ${name}`)
}

function payloadsOf(entries: readonly Entry[], name: string): unknown[] {
  return entries.filter((entry) => entry.name === name && entry.kind === 'call').map(({ payload }) => payload)
}

for (const isolation of isolations) {
  test(`the messages of a ${isolation} can be read while it lives: who, what, how large, and when`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'account')])
    const ref = supervisor.ref(account)
    ref.on('signed', () => {})
    const before = Date.now()
    await ref.call.deposit(5)
    await rejection(ref.call.withdraw(6))
    await ref.call.sign('a secret of 24 characters')
    ref.send.deposit(1)
    await ref.call.deposit(1)
    // A thread writes down an answer after it has sent it.
    const { actor, incarnation, death, entries } = await eventually('the last answer', () => {
      const recording = supervisor.recording('account')
      return recording.entries.at(-1)?.kind === 'reply' && recording.entries.at(-1)?.id === 5 && recording
    })
    assert.equal({ actor, incarnation, death }, { actor: 'account', incarnation: 1, death: null })
    assert.equal(
      told(entries).filter((message) => message !== 'reply 4 supervisor deposit'),
      [
        'call 1 supervisor deposit',
        'reply 1 supervisor deposit',
        'call 2 supervisor withdraw',
        'error 2 supervisor withdraw',
        'call 3 supervisor sign',
        'event 0 supervisor signed',
        'reply 3 supervisor sign',
        'send 4 supervisor deposit',
        'call 5 supervisor deposit',
        'reply 5 supervisor deposit',
      ],
    )
    const sign = entries.find(({ name }) => name === 'sign')
    assert.is(sign?.payload, undefined)
    assert.ok((sign?.bytes ?? 0) >= 'a secret of 24 characters'.length)
    for (const { at } of entries) assert.ok(at >= before - 1 && at <= Date.now() + 1)
    await supervisor.stop()
  })

  test(`when a ${isolation} is killed, its last messages are there, arguments only where the contract says so`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'account')])
    const { call } = supervisor.ref(account)
    for (let n = 0; n < 200; n++) await Promise.all([call.deposit(n), call.sign(`secret ${n}`)])
    const map = new Map<string, unknown>([['ä', { n: 1n }]])
    await call.keep(bytes)
    await call.keep(map)
    void rejection(call.hold())
    await call.sign('it has arrived')
    const recorded = nextRecording(supervisor)
    supervisor.kill('account', 'a test')
    const { actor, incarnation, death, entries } = await recorded
    assert.equal({ actor, incarnation, death }, { actor: 'account', incarnation: 1, death: 'a test' })
    assert.is(entries.length, 256)
    assert.equal(payloadsOf(entries, 'keep'), [[bytes], [map]])
    assert.equal(payloadsOf(entries, 'hold'), [[]])
    const signed = payloadsOf(entries, 'sign')
    assert.ok(signed.length > 30)
    assert.ok(signed.every((payload) => payload === undefined))
    assert.not.match(JSON.stringify(told(entries)), 'secret')
    const deposited = payloadsOf(entries, 'deposit')
    assert.equal(
      deposited,
      [...Array(200).keys()].slice(-deposited.length).map((n) => [n]),
    )
    // What was never answered has a beginning alone.
    assert.equal(
      told(entries).filter((message) => message.includes('hold')),
      ['call 403 supervisor hold'],
    )
    await supervisor.stop()
  })

  test(`what a ${isolation} dies of is in its recording, and its next life begins a new one`, async () => {
    const supervisor = await supervise([
      { ...accountSpec(isolation, 'forgetful-account'), restart: 'permanent' },
    ])
    const { call } = supervisor.ref(account)
    const recorded = nextRecording(supervisor)
    await call.interest(1)
    await Promise.allSettled([call.withdraw(7)])
    const { death, entries } = await recorded
    assert.match(String(death), 'the balance is -7')
    assert.equal(payloadsOf(entries, 'withdraw'), [[7]])
    await eventually('its next life', () => supervisor.children[0]?.incarnation === 2)
    assert.is(await call.deposit(1), 1)
    const second = supervisor.recording('account')
    assert.is(second.incarnation, 2)
    assert.equal(payloadsOf(second.entries, 'deposit'), [[1]])
    assert.equal(payloadsOf(second.entries, 'withdraw'), [])
    await supervisor.stop()
  })

  test(`a ${isolation} that stops in good order reports no recording`, async () => {
    const supervisor = await supervise([accountSpec(isolation, 'account')])
    let recordings = 0
    supervisor.on('recording', () => recordings++)
    await supervisor.ref(account).call.deposit(1)
    await supervisor.stop()
    assert.is(recordings, 0)
  })
}

test.run()
