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

const id = '01890a5d-ac96-774b-bcce-b302099a8057'
const key = Buffer.alloc(32, 1).toString('base64')
const peer = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const account = { id, name: 'alice' }
const channel = { id, name: 'general', topic: '', createdBy: id, member: true, members: 1, head: 0 }
const sequenced = { channel: id, seq: 1, envelope: 'AAEC', digest: key, at: 1 }
const refusal = { code: 'malformed', message: 'It is malformed.' }
const online = { account: id, name: 'alice', peer, channels: [id] }

function refused(frames: Checker<unknown>, frame: unknown): void {
  try {
    frames.check(frame)
  } catch (error) {
    return assert.is((error as { code?: string }).code, 'malformed')
  }
  assert.unreachable(`it was taken: ${JSON.stringify(frame)}`)
}

const controlParams: { [M in ControlMethod]: unknown } = {
  'channel.create': { name: 'general', topic: 'all and sundry' },
  'channel.join': { channel: id },
  'message.submit': { envelope: 'AAEC' },
  'message.history': { channel: id, after: 0, limit: limits.historyPage },
  'log.digests': { channel: id, seqs: [1, 2] },
  'log.at': { channel: id, at: 1 },
  'directory.lookup': { accounts: [id] },
  'peer.announce': { peer },
}
const controlResults: { [M in ControlMethod]: unknown } = {
  'channel.create': channel,
  'channel.join': channel,
  'message.submit': { channel: id, id, seq: 1, digest: key, at: 1 },
  'message.history': { messages: [sequenced], head: 1 },
  'log.digests': [{ seq: 1, digest: key }],
  'log.at': { seq: null },
  'directory.lookup': [{ ...account, keys: [key] }],
  'peer.announce': {},
}
const controlEventData: { [E in ControlEvent]: unknown } = {
  channel,
  confirmed: [sequenced],
  heads: [{ channel: id, head: 3 }],
  lagging: { bytes: 1_048_576, dropAfterMs: 10_000 },
  peers: [online],
  relays: ['/ip4/127.0.0.1/tcp/1/ws'],
}
const welcome = {
  type: 'welcome',
  account,
  server: id,
  relays: ['/ip4/127.0.0.1/tcp/1/ws'],
  channels: [channel],
  peers: [online],
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

const message = {
  ...{ id, channel: id, author: account, mine: true, text: 'hello', at: 1, lamport: 1 },
  ...{ newKey: false, seq: 1, state: 'confirmed', refusal: null },
}
const session = {
  ...{ phase: 'signed-in', account, server: 'http://127.0.0.1:1', profile: 'default' },
  ...{ knownNames: ['alice'], ended: null },
}
const link = {
  state: 'online',
  since: 1,
  error: null,
  retryAt: null,
  rttMs: 1.5,
  lastError: { at: 1, error: refusal },
}
const peers = [
  { peer, account, transport: 'webrtc', direct: true, error: null, rttMs: 2, since: 1, attempts: 0 },
]
const vitals = {
  ...{ at: 1, cpuPercent: 1.5, utilization: 0.1, delayMaxMs: 2, heapBytes: 1, externalBytes: 1 },
  ...{ residentBytes: null, mailbox: { depth: 0, deepest: 1 }, calls: 2, errors: 0 },
  ...{ latencyUs: { p50: 1, p99: 2, max: 3 }, threads: [{ name: 'pool 1', cpuPercent: 0, heapBytes: 1 }] },
}
const life = { state: 'running', since: 1, restarts: 0, lastDeath: null, deadLetters: 0 }
const actors = [
  { name: 'main', kind: 'host', parent: null, isolation: null, ...life, vitals: null },
  { name: 'account', kind: 'supervisor', parent: null, isolation: null, ...life, vitals: null },
  { name: 'chat', kind: 'actor', parent: 'account', isolation: 'thread', ...life, vitals },
]
const frame = { name: 'f', place: 'a.ts:1', ms: 1, selfMs: 1, parent: -1 }
const recorded = { at: 1, kind: 'call', caller: 'chat', name: 'sign', id: 1, bytes: 8 }
const letter = { at: 1, actor: 'chat', message: 'page', reason: 'deadline' }
const channels = [{ ...channel, held: [{ from: 1, to: 2 }], read: 1, unread: 1, lastAt: null, pending: 0 }]
const step = { stage: 'written', at: 1, actor: 'chat' }
const keyChange = { account, key, since: 1 }
const comparison = {
  ...{ channel: id, at: 1, seq: 7, server: 'agrees' },
  peers: [
    { peer, account, result: 'differs', firstDifference: 3 },
    { peer, account: null, result: 'silent', firstDifference: null },
  ],
}
const credentials = { name: 'alice', password: 'long enough' }

const calls: { [M in BridgeMethod]: [params: object, result: unknown] } = {
  'session.get': [{}, session],
  'session.register': [credentials, session],
  'session.login': [credentials, { ...session, phase: 'signed-out', account: null, ended: refusal }],
  'session.logout': [{}, session],
  'channels.list': [{}, channels],
  'channels.create': [{ name: 'general', topic: '' }, channels[0]],
  'channels.join': [{ channel: id }, channels[0]],
  'channels.read': [{ channel: id, seq: 3 }, {}],
  'channels.at': [{ channel: id, at: 1 }, { seq: null }],
  'channels.compare': [{ channel: id }, comparison],
  'messages.range': [{ channel: id, from: 1, to: 2 }, [message]],
  'messages.pending': [{ channel: id }, [{ ...message, seq: null, state: 'waiting' }]],
  'messages.trace': [{ id }, [step]],
  'messages.shown': [{ ids: [id], at: 1 }, {}],
  'messages.send': [
    { id, channel: id, text: 'hello' },
    { ...message, seq: null, state: 'waiting' },
  ],
  'messages.retry': [{ id }, { ...message, seq: null, state: 'refused', refusal }],
  'keys.changes': [{}, [keyChange]],
  'keys.accept': [{ account: id, key }, {}],
  'link.get': [{}, link],
  'connection.restart': [{ part: 'p2p' }, {}],
  'peers.list': [{}, peers],
  'actors.list': [{}, actors],
  'actors.kill': [{ name: 'chat' }, {}],
  'actors.restart': [{ name: 'chat' }, {}],
  'actors.fault': [{ name: 'chat', fault: 'hang' }, {}],
  'actors.profile': [{ name: 'chat', seconds: 3 }, [{ name: 'chat', frames: [frame] }]],
  'actors.recording': [
    { name: 'chat' },
    [{ actor: 'chat', incarnation: 1, death: 'killed', messages: [recorded] }],
  ],
  'actors.deadLetters': [{}, { counts: { deadline: 1 }, recent: [letter] }],
}
const told: { [E in BridgeEvent]: unknown } = {
  session,
  channels,
  messages: [message],
  keyChanges: [keyChange],
  reopened: {},
  link,
  peers,
  actors,
}

for (const method of Object.keys(bridgeMethods) as BridgeMethod[]) {
  test(`the bridge call ${method} takes its parameters, has its answer, and no others`, () => {
    const [good, result] = calls[method]
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
    checker('the event', bridgeEvents[event]).check(told[event])
    bridgeHostFrames.check({ event, data: told[event] })
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
