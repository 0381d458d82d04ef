import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  bridgeEvents,
  bridgeHostFrames,
  bridgeMethods,
  bridgeRequests,
  type BridgeEvent,
  type BridgeMethod,
} from '../../shared/bridge.ts'
import {
  clientFrames,
  controlEvents,
  controlRequests,
  serverFrames,
  type ControlEvent,
  type ControlMethod,
} from '../../shared/control.ts'
import { limits } from '../../shared/limits.ts'
import { checker, type Checker } from '../../shared/schema.ts'
import {
  bridgeCalls,
  bridgeEventData,
  channel,
  controlEventData,
  controlParams,
  controlResults,
  credentials,
  id,
  online,
  refusal,
  welcome,
} from '../support/sample-frames.ts'

function refused(frames: Checker<unknown>, frame: unknown): void {
  try {
    frames.check(frame)
  } catch (error) {
    return assert.is((error as { code?: string }).code, 'malformed')
  }
  assert.unreachable(`it was taken: ${JSON.stringify(frame)}`)
}

test('every control frame of either side passes', () => {
  clientFrames.check({ type: 'hello', protocol: 1, token: 'a.b.c' })
  for (const [method, params] of Object.entries(controlParams))
    clientFrames.check({ type: 'request', id: 1, method, params })
  serverFrames.check(welcome)
  for (const result of Object.values(controlResults))
    serverFrames.check({ type: 'reply', id: 1, ok: true, result })
  serverFrames.check({ type: 'reply', id: 1, ok: false, error: refusal })
  serverFrames.check({ type: 'reply', id: 1, ok: false, error: { ...refusal, details: { limit: 1 } } })
  for (const [event, data] of Object.entries(controlEventData))
    serverFrames.check({ type: 'event', event, data })
  serverFrames.check({ type: 'goodbye', error: refusal })
})

for (const method of Object.keys(controlRequests) as ControlMethod[]) {
  const params = checker('the request', controlRequests[method].params)
  const results = checker('the answer', controlRequests[method].result)

  test(`the control request ${method} takes its parameters and no others`, () => {
    const good = controlParams[method] as object
    params.check(good)
    results.check(controlResults[method])
    for (const field of Object.keys(good)) {
      refused(params, { ...good, [field]: undefined })
      refused(params, { ...good, [field]: { wrong: true } })
    }
    refused(params, { ...good, extra: 1 })
    for (const wrong of [null, [], 'text', 1]) refused(params, wrong)
  })
}

for (const event of Object.keys(controlEvents) as ControlEvent[]) {
  test(`the control event ${event} has its data and no other`, () => {
    const data = checker('the event', controlEvents[event])
    data.check(controlEventData[event])
    for (const wrong of [null, 'text', [null], [{ extra: 1 }], { extra: 1 }]) refused(data, wrong)
  })
}

test('malformed control frames are refused on both sides', () => {
  const request = { type: 'request', id: 1, method: 'channel.join', params: {} }
  for (const frame of [
    undefined,
    null,
    [],
    'hello',
    {},
    { type: 'hello' },
    { type: 'hello', protocol: '1', token: '' },
    { type: 'hello', protocol: 1, token: 'x'.repeat(2049) },
    { type: 'hello', protocol: 1, token: '', extra: 1 },
    { ...request, id: 0 },
    { ...request, id: 1.5 },
    { ...request, id: Number.MAX_SAFE_INTEGER + 1 },
    { ...request, method: 'constructor' },
    { ...request, extra: 1 },
    welcome,
  ]) {
    refused(clientFrames, frame)
  }
  for (const frame of [
    null,
    { type: 'reply', id: 1 },
    { type: 'reply', id: 1, ok: true, error: refusal },
    { type: 'reply', id: 1, ok: false, error: { code: 'x' } },
    { type: 'reply', id: 1, ok: false, error: { ...refusal, stack: 'at …' } },
    { type: 'event', event: 'toString', data: null },
    { type: 'goodbye' },
    { ...welcome, server: 'elsewhere' },
    { ...welcome, channels: [{ ...channel, head: -1 }] },
    { ...welcome, peers: [{ ...online, peer: 'not a peer' }] },
    { ...welcome, relays: ['http://example.org'] },
    request,
  ]) {
    refused(serverFrames, frame)
  }
})

for (const method of Object.keys(bridgeMethods) as BridgeMethod[]) {
  test(`the bridge call ${method} takes its parameters, has its answer, and no others`, () => {
    const [good, result] = bridgeCalls[method]
    const params = checker('the request', bridgeMethods[method].params)
    params.check(good)
    checker('the answer', bridgeMethods[method].result).check(result)
    bridgeRequests.check({ id: 1, method, params: good })
    bridgeHostFrames.check({ id: 1, answer: { ok: true, result } })
    refused(params, { ...good, extra: 1 })
    for (const field of Object.keys(good)) refused(params, { ...good, [field]: { wrong: true } })
    for (const wrong of [null, [], 'text', undefined]) refused(params, wrong)
  })
}

for (const event of Object.keys(bridgeEvents) as BridgeEvent[]) {
  test(`the bridge event ${event} has its data and no other`, () => {
    checker('the event', bridgeEvents[event]).check(bridgeEventData[event])
    bridgeHostFrames.check({ event, data: bridgeEventData[event] })
    for (const wrong of [null, 'text', [{}], { extra: 1 }])
      refused(checker('the event', bridgeEvents[event]), wrong)
  })
}

test('what the window may send is bounded', () => {
  const send = checker('the request', bridgeMethods['messages.send'].params)
  refused(send, { id, channel: id, text: '' })
  refused(send, { id, channel: id, text: 'x'.repeat(limits.messageText + 1) })
  refused(send, { id: id.replace('-7', '-4'), channel: id, text: 'a message id is a UUIDv7' })
  const signIn = checker('the request', bridgeMethods['session.login'].params)
  for (const name of ['a', 'x'.repeat(33), 'two words', 'a/b', '']) refused(signIn, { ...credentials, name })
  for (const password of ['short', 'x'.repeat(257)]) refused(signIn, { ...credentials, password })
  const create = checker('the request', bridgeMethods['channels.create'].params)
  for (const name of ['', 'Upper', 'two words', 'x'.repeat(49)]) refused(create, { name, topic: '' })
  refused(create, { name: 'general', topic: 'x'.repeat(limits.channelTopic + 1) })
  for (const from of [0, 1.5, -1])
    refused(checker('the request', bridgeMethods['messages.range'].params), { channel: id, from, to: 9 })
})

test('malformed bridge frames are refused on both sides', () => {
  const request = { id: 1, method: 'session.get', params: {} }
  for (const frame of [
    null,
    {},
    { ...request, id: 0 },
    { ...request, method: 'constructor' },
    { ...request, extra: 1 },
  ])
    refused(bridgeRequests, frame)
  for (const frame of [
    null,
    { id: 1 },
    { id: 1, answer: { ok: true } },
    { id: 1, answer: { ok: false, error: { code: 'x', message: 'y', stack: 'at …' } } },
    { event: 'nothing', data: {} },
  ])
    refused(bridgeHostFrames, frame)
})

test.run()
