import * as Comlink from 'comlink'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { childSpec, transfer } from '../../../../supervisor/runtime/index.ts'
import { supervise } from '../fixtures/start.ts'
import { host } from './fixtures/host.contract.ts'

const spec = childSpec({ contract: host, entry: new URL('./fixtures/host.actor.ts', import.meta.url) })
const block = () => new Uint8Array(64 * 1024).fill(7)
const gone = ({ buffer }: Uint8Array) => buffer.byteLength === 0

test('what is marked is moved to the actor, however it was marked, and arrives whole', async () => {
  const supervisor = await supervise([spec])
  const { call } = supervisor.ref(host)
  for (const mark of [
    (bytes: Uint8Array<ArrayBuffer>) => transfer(bytes, [bytes.buffer]),
    (bytes: Uint8Array<ArrayBuffer>) => Comlink.transfer(bytes, [bytes.buffer]),
  ]) {
    const bytes = block()
    assert.equal(await call.echo(mark(bytes)), block())
    assert.ok(gone(bytes))
  }
  const parts = [block(), block()]
  const sealed = Object.freeze({ parts })
  assert.equal(
    await call.echo(
      transfer(
        sealed,
        parts.map(({ buffer }) => buffer),
      ),
    ),
    { parts: [block(), block()] },
  )
  assert.ok(parts.every(gone))
  await supervisor.stop()
})

test('what is not marked is copied, and a mark is no part of the value', async () => {
  const supervisor = await supervise([spec])
  const { call } = supervisor.ref(host)
  const bytes = block()
  assert.equal(await call.echo(bytes), block())
  assert.not.ok(gone(bytes))
  assert.equal(Object.keys(transfer({ bytes }, [])), ['bytes'])
  assert.equal(await call.echo({ bytes }), { bytes: block() })
  await supervisor.stop()
})

test('what a callback answers with is moved, too', async () => {
  const supervisor = await supervise([spec])
  const bytes = block()
  const answer = await supervisor.ref(host).call.apply(
    Comlink.proxy(async () => transfer(bytes, [bytes.buffer])),
    undefined,
  )
  assert.equal(answer, block())
  assert.ok(gone(bytes))
  await supervisor.stop()
})

test.run()
