import * as Comlink from 'comlink'
import { MessageChannel } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RemoteError } from '../../../supervisor/runtime/index.ts'
import { rejection } from '../../support/rejection.ts'
import { echo, front, type EchoApi } from './fixtures/echo.contract.ts'
import { echoSpec, frontSpec, isolations, supervise } from './fixtures/start.ts'

for (const isolation of isolations) {
  test(`a call to a ${isolation} answers with a structured clone`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const value = { text: 'ä', bytes: new Uint8Array([1, 2, 3]), map: new Map([['a', 1n]]) }
    const answer = (await supervisor.ref(echo).call.echo(value)) as typeof value
    assert.is(answer.text, 'ä')
    assert.equal([...answer.bytes], [1, 2, 3])
    assert.is(answer.map.get('a'), 1n)
    await supervisor.stop()
  })

  test(`an error of a ${isolation} arrives with name, code, details, cause and its own stack`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const error = await rejection(supervisor.ref(echo).call.fail('no'))
    assert.instance(error, RemoteError)
    assert.is(error.name, 'Refusal')
    assert.is(error.message, 'no')
    assert.is(error.code, 'refused-here')
    assert.equal(error.details, { limit: 7 })
    assert.match(String(error.remoteStack), 'echo.ts')
    assert.is((error.cause as Error).message, 'the reason behind')
    await supervisor.stop()
  })

  test(`an actor reaches a linked ${isolation} on a port of its own, also after that one was restarted`, async () => {
    const supervisor = await supervise([echoSpec({ isolation }), frontSpec()])
    const ref = supervisor.ref(front)
    assert.is(await ref.call.relay('one'), 'one')
    supervisor.kill('echo')
    assert.is(await ref.call.relay('two'), 'two')
    assert.is(await supervisor.ref(echo).call.incarnation(), 2)
    await supervisor.stop()
  })

  test(`events of a ${isolation} come in order, also to who subscribed before a restart`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const ref = supervisor.ref(echo)
    const heard: number[] = []
    ref.on('tick', (n) => heard.push(n))
    await ref.call.tick(3)
    supervisor.kill('echo')
    await ref.call.echo('back')
    await ref.call.tick(2)
    assert.equal(heard, [1, 2, 3, 1, 2])
    await supervisor.stop()
  })
}

test('calls of one caller are carried out in the order in which they were made', async () => {
  const supervisor = await supervise([echoSpec()])
  const ref = supervisor.ref(echo)
  const order: unknown[] = []
  await Promise.all(Array.from({ length: 50 }, (_, n) => ref.call.echo(n).then((value) => order.push(value))))
  assert.equal(order, [...Array(50).keys()])
  await supervisor.stop()
})

test('a call that is not answered in time ends with its deadline', async () => {
  const supervisor = await supervise([echoSpec()])
  const error = await rejection(supervisor.ref(echo).with({ deadlineMs: 20 }).slow(5_000))
  assert.is(error.code, 'deadline')
  await supervisor.stop()
})

test('an aborted call ends at once, whether it was aborted before or after it was made', async () => {
  const supervisor = await supervise([echoSpec()])
  const ref = supervisor.ref(echo)
  const during = new AbortController()
  const call = rejection(ref.with({ signal: during.signal }).slow(5_000))
  during.abort(new Error('changed my mind'))
  const error = await call
  assert.is(error.code, 'aborted')
  assert.is((error.cause as Error).message, 'changed my mind')
  assert.is((await rejection(ref.with({ signal: AbortSignal.abort() }).slow(5_000))).code, 'aborted')
  await supervisor.stop()
})

test('a full mailbox refuses the next call and takes calls again when there is room', async () => {
  const supervisor = await supervise([echoSpec()])
  const ref = supervisor.ref(echo)
  const taken = Array.from({ length: 100 }, () => ref.call.slow(300))
  assert.is((await rejection(ref.call.echo('one more'))).code, 'mailbox-full')
  await Promise.all(taken)
  assert.is(await ref.call.echo('now'), 'now')
  await supervisor.stop()
})

test('a value that cannot be cloned is refused and nothing else is disturbed', async () => {
  const supervisor = await supervise([echoSpec()])
  const ref = supervisor.ref(echo)
  assert.is((await rejection(ref.call.echo(() => 1))).name, 'DataCloneError')
  assert.is(await ref.call.echo('fine'), 'fine')
  await supervisor.stop()
})

test('a port cannot be passed to a process, and the caller is told so', async () => {
  const supervisor = await supervise([echoSpec({ isolation: 'process' }), frontSpec()])
  const { port1 } = new MessageChannel()
  const error = await rejection(supervisor.ref(echo).call.echo(Comlink.transfer(port1, [port1])))
  assert.is(error.code, 'not-transferable')
  await supervisor.stop()
})

for (const isolation of isolations) {
  test(`plain Comlink understands the port of a ${isolation}, errors with their code included`, async () => {
    const supervisor = await supervise([echoSpec({ isolation })])
    const port = supervisor.port('echo')
    const plain = Comlink.wrap<EchoApi>(port)
    assert.equal(await plain.echo({ n: 42 }), { n: 42 })
    assert.equal(await Promise.all([1, 2, 3].map((n) => plain.echo(n))), [1, 2, 3])
    assert.is((await rejection(plain.fail('no'))).code, 'refused-here')
    port.close()
    await supervisor.stop()
  })
}

test.run()
