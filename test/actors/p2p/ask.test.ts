import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { errorCode } from '../../../shared/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { startP2pActor } from '../../support/p2p-actor.ts'
import { rejection } from '../../support/rejection.ts'
import { startRelay } from '../../support/relay.ts'

const asking = suite('asking a peer')
const relay = await startRelay()
const server = uuidv7()
const [ann, ben, eve] = [await startP2pActor(), await startP2pActor(), await startP2pActor()]
const wanting = (peers: string[]) => ({ server, relays: relay.addresses, channels: [], peers })
for (const person of [ann, ben, eve]) await person.call.configure(wanting([]))
const [annId, benId, eveId] = [await ann.reachableAs(), await ben.reachableAs(), await eve.reachableAs()]
await Promise.all([ann.join(wanting([benId])), ben.join(wanting([annId]))])
// Ben was never told of Eve.
await eve.join(wanting([benId]))

const mebibyte = 2 ** 20
/** What is asked next, once it is here. */
async function nextAsked(after: number) {
  return eventually('the question is heard', () => ben.asked[after])
}

asking('gets the answer of who was asked, to the byte, whatever its size', async () => {
  for (const [asked, answered] of [
    [0, 0],
    [1, 70_000],
    [mebibyte, mebibyte],
  ] as const) {
    const [request, answer] = [randomBytes(asked), randomBytes(answered)]
    const before = ben.asked.length
    const reply = ann.call.ask({ peer: benId, request })
    const question = await nextAsked(before)
    assert.is(question.peer, annId)
    assert.is(Buffer.compare(question.request, request), 0)
    await ben.call.answer({ id: question.id, answer })
    assert.is(Buffer.compare(await reply, answer), 0)
  }
})

asking('keeps answers apart that come in another order', async () => {
  const before = ben.asked.length
  const replies = [1, 2, 3].map((n) => ann.call.ask({ peer: benId, request: Uint8Array.of(n) }))
  await nextAsked(before + 2)
  for (const { id, request } of ben.asked.slice(before).reverse())
    await ben.call.answer({ id, answer: Uint8Array.of((request[0] ?? 0) * 10) })
  assert.equal(
    (await Promise.all(replies)).map(([first]) => first),
    [10, 20, 30],
  )
})

asking('tells a refusal from silence, and closes what nobody answered', async () => {
  const before = ben.asked.length
  const refused = rejection(ann.call.ask({ peer: benId, request: Uint8Array.of(1) }))
  await ben.call.answer({ id: (await nextAsked(before)).id, answer: null })
  assert.is((await refused).code, 'peer-refused')

  const { code } = await rejection(ann.call.ask({ peer: benId, request: Uint8Array.of(2) }))
  assert.ok(code === 'peer-silent' || code === 'peer-refused')
  const late = await nextAsked(before + 1)
  await ben.call.answer({ id: late.id, answer: Uint8Array.of(3) })
})

asking('is refused above so many questions at once, and goes on when there is room again', async () => {
  const before = ben.asked.length
  const replies = Array.from({ length: 9 }, (_, n) =>
    ann.call.ask({ peer: benId, request: Uint8Array.of(n) }).then(
      () => 'answered',
      (error: unknown) => errorCode(error),
    ),
  )
  await nextAsked(before + 7)
  await eventually('one was refused', () => Promise.race(replies))
  for (const { id } of ben.asked.slice(before)) await ben.call.answer({ id, answer: new Uint8Array() })
  const outcomes = await Promise.all(replies)
  assert.is(outcomes.filter((outcome) => outcome === 'answered').length, 8)
  assert.is(outcomes.filter((outcome) => outcome === 'peer-refused').length, 1)

  const again = ann.call.ask({ peer: benId, request: Uint8Array.of(9) })
  await ben.call.answer({ id: (await nextAsked(before + 8)).id, answer: Uint8Array.of(1) })
  assert.is((await again)[0], 1)
})

asking('is for those alone whom the server has introduced', async () => {
  const before = ben.asked.length
  const { code } = await rejection(eve.call.ask({ peer: benId, request: Uint8Array.of(1) }))
  assert.is(code, 'peer-refused')
  assert.is(ben.asked.length, before)
  assert.is(
    (await rejection(ben.call.ask({ peer: eveId, request: Uint8Array.of(1) }))).code,
    'peer-unreachable',
  )
})

asking('says what is too large before it is sent', async () => {
  const request = new Uint8Array(mebibyte + 1)
  assert.is((await rejection(ann.call.ask({ peer: benId, request }))).code, 'question-too-large')
  const before = ben.asked.length
  const reply = rejection(ann.call.ask({ peer: benId, request: new Uint8Array() }))
  const { id } = await nextAsked(before)
  assert.is((await rejection(ben.call.answer({ id, answer: request }))).code, 'answer-too-large')
  assert.is((await reply).code, 'peer-refused')
})

asking('fails at once when nobody is there, and when the peer goes in the middle', async () => {
  const nobody = await rejection(ann.call.ask({ peer: eveId, request: new Uint8Array() }))
  assert.is(nobody.code, 'peer-unreachable')
  const before = ben.asked.length
  const reply = rejection(ann.call.ask({ peer: benId, request: new Uint8Array() }))
  await nextAsked(before)
  await ben.stop()
  const { code } = await reply
  assert.ok(code === 'peer-unreachable' || code === 'peer-refused', String(code))
})

asking.after(async () => {
  await Promise.all([ann.stop(), eve.stop()])
  await relay.stop()
})
asking.run()
