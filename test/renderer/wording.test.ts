import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { restartSoFar } from '../../renderer/stores/restart-so-far.ts'
import { segmentsOf } from '../../renderer/views/channel/segments.ts'
import { timeHere, waterfall } from '../../renderer/views/trace/waterfall.ts'
import { agreementInWords, isInAgreement } from '../../renderer/wording/convergence.ts'
import { deliveryInWords } from '../../renderer/wording/delivery.ts'
import { heldInWords } from '../../renderer/wording/history.ts'
import { fingerprint } from '../../renderer/wording/keys.ts'
import { restartInWords } from '../../renderer/wording/restarts.ts'
import type { ActorView, DeliveryStep, LogComparison } from '../../shared/bridge.ts'

const words = suite('what the window says')

words('tells how much of a channel is here', () => {
  assert.is(
    heldInWords({
      held: [
        { from: 1, to: 400 },
        { from: 38_001, to: 100_000 },
      ],
      head: 100_000,
    }),
    '62,400 of 100,000 messages are on this device',
  )
  assert.is(heldInWords({ held: [{ from: 2, to: 2 }], head: 2 }), '1 of 2 messages is on this device')
  assert.is(heldInWords({ held: [{ from: 1, to: 2 }], head: 2 }), 'All 2 messages are on this device')
})

words('shows gaps, and joins what is too close together to be seen apart', () => {
  assert.equal(segmentsOf([{ from: 51, to: 100 }], 100), [{ from: 50, width: 50 }])
  const many = Array.from({ length: 5_000 }, (_, n) => ({ from: n * 20 + 1, to: n * 20 + 10 }))
  assert.is(segmentsOf(many, 100_000).length, 1)
  assert.equal(segmentsOf([{ from: 100_000, to: 100_000 }], 100_000)[0]?.width, 0.25)
})

words('tells who agrees with a log, and who was not asked', () => {
  const peer = (result: LogComparison['peers'][number]['result'], firstDifference: number | null = null) => ({
    ...{ peer: 'p', account: null, result, firstDifference },
  })
  const said = (seq: number, server: LogComparison['server'], ...peers: LogComparison['peers']) =>
    agreementInWords({ channel: 'c', at: 0, seq, server, peers })
  const agrees = peer('agrees')
  assert.is(
    said(1_204, 'agrees', agrees, agrees, agrees),
    'This log agrees with 3 of 3 peers and with the server at message 1,204.',
  )
  assert.is(
    said(9, 'agrees', agrees, peer('differs', 7), peer('silent')),
    'This log agrees with 1 of 2 peers and with the server at message 9.',
  )
  assert.is(
    said(9, 'unknown', agrees),
    'This log agrees with 1 of 1 peer at message 9. The server could not be asked.',
  )
  assert.is(said(9, 'differs'), 'This log differs from the server’s at message 9.')
  assert.is(
    said(9, 'agrees'),
    'This log agrees with the server at message 9. No peer could be compared with.',
  )
  assert.is(isInAgreement({ channel: 'c', at: 0, seq: 9, server: 'agrees', peers: [peer('differs')] }), false)
  assert.is(isInAgreement({ channel: 'c', at: 0, seq: 9, server: 'agrees', peers: [peer('silent')] }), true)
})

words('says where a message has got to, and does not promise what is not under way', () => {
  const mine = { mine: true, kept: true, online: true }
  assert.is(deliveryInWords({ ...mine, state: 'waiting' }), 'Kept on this device, on its way to the server')
  assert.is(
    deliveryInWords({ ...mine, state: 'waiting', online: false }),
    'Kept on this device, waiting for the server',
  )
  assert.is(
    deliveryInWords({ ...mine, state: 'with-peers', online: false }),
    'Sent to peers, waiting for the server',
  )
  assert.is(deliveryInWords({ ...mine, state: 'waiting', kept: false }), 'Being handed to UNITED')
})

words('lays out a timeline to scale, and says which times are of two clocks', () => {
  const steps: DeliveryStep[] = [
    { stage: 'written', at: 1_000, actor: 'chat' },
    { stage: 'signed', at: 1_010, actor: 'crypto' },
    { stage: 'sequenced', at: 990, actor: 'server' },
    { stage: 'confirmed', at: 1_090, actor: 'link' },
  ]
  assert.equal(
    waterfall(steps).map(({ since, acrossClocks, from, width }) => [since, acrossClocks, from, width]),
    [
      [null, false, 10, 0],
      [10, false, 10, 10],
      [-20, true, 0, 20],
      [100, true, 0, 100],
    ],
  )
  assert.is(timeHere(steps), 90)
  const shown: DeliveryStep = { stage: 'shown', at: 1_030, actor: 'window' }
  assert.equal(
    waterfall([...steps, shown]).map(({ stage }) => stage),
    ['written', 'signed', 'sequenced', 'shown', 'confirmed'],
  )
  assert.is(timeHere(steps.slice(2)), undefined)
})

words('shows that a restart took one part down, and no other', () => {
  const actor = (name: string, since: number, state: ActorView['state'] = 'running') =>
    ({ name, since, state, kind: 'actor' }) as ActorView
  const asked = {
    at: 1_000,
    before: new Map([
      ['p2p', 1],
      ['chat', 2],
      ['link', 3],
    ]),
  }
  const after = (...list: ActorView[]) => restartInWords('p2p', restartSoFar('p2p', asked, list))
  assert.is(after(actor('p2p', 1), actor('chat', 2), actor('link', 3)), 'p2p is restarting.')
  assert.is(after(actor('p2p', 1_001, 'restarting'), actor('chat', 2)), 'p2p is restarting.')
  assert.is(
    after(actor('p2p', 1_640), actor('chat', 2), actor('link', 3)),
    'p2p is back after 640 ms. chat and link went on.',
  )
  assert.is(
    after(actor('p2p', 1_640), actor('chat', 1_700), actor('link', 3)),
    'p2p is back after 640 ms. link went on. chat restarted as well.',
  )
})

words('shortens a key to what can be read out', () => {
  assert.is(
    fingerprint(Buffer.from([0x3f, 0x2a, 0x9c, 1, 0x77, 0xbe, 4, 0xd2, 9]).toString('base64')),
    '3F2A 9C01 77BE 04D2',
  )
})

words.run()
