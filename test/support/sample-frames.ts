import type { BridgeEvent, BridgeMethod } from '../../shared/bridge.ts'
import type { ControlEvent, ControlMethod } from '../../shared/control.ts'
import { limits } from '../../shared/limits.ts'

/*
 * One of everything that crosses the control socket and the bridge, as it was agreed.
 */

export const id = '01890a5d-ac96-774b-bcce-b302099a8057'
const key = Buffer.alloc(32, 1).toString('base64')
const peer = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const account = { id, name: 'alice' }
export const channel = { id, name: 'general', topic: '', createdBy: id, member: true, members: 1, head: 0 }
const sequenced = { channel: id, seq: 1, envelope: 'AAEC', digest: key, at: 1 }
export const refusal = { code: 'malformed', message: 'It is malformed.' }
export const online = { account: id, name: 'alice', peer, channels: [id] }

export const controlParams: { [M in ControlMethod]: unknown } = {
  'channel.create': { name: 'general', topic: 'all and sundry' },
  'channel.join': { channel: id },
  'message.submit': { envelope: 'AAEC' },
  'message.history': { channel: id, after: 0, limit: limits.historyPage },
  'log.digests': { channel: id, seqs: [1, 2] },
  'log.at': { channel: id, at: 1 },
  'directory.lookup': { accounts: [id] },
  'peer.announce': { peer },
}
export const controlResults: { [M in ControlMethod]: unknown } = {
  'channel.create': channel,
  'channel.join': channel,
  'message.submit': { channel: id, id, seq: 1, digest: key, at: 1 },
  'message.history': { messages: [sequenced], head: 1 },
  'log.digests': [{ seq: 1, digest: key }],
  'log.at': { seq: null },
  'directory.lookup': [{ ...account, keys: [key] }],
  'peer.announce': {},
}
export const controlEventData: { [E in ControlEvent]: unknown } = {
  channel,
  confirmed: [sequenced],
  heads: [{ channel: id, head: 3 }],
  lagging: { bytes: 1_048_576, dropAfterMs: 10_000 },
  peers: [online],
  relays: ['/ip4/127.0.0.1/tcp/1/ws'],
}
export const welcome = {
  type: 'welcome',
  account,
  server: id,
  relays: ['/ip4/127.0.0.1/tcp/1/ws'],
  channels: [channel],
  peers: [online],
}

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
export const credentials = { name: 'alice', password: 'long enough' }

/** Of each call its parameters and its answer. */
export const bridgeCalls: { [M in BridgeMethod]: [params: object, result: unknown] } = {
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
export const bridgeEventData: { [E in BridgeEvent]: unknown } = {
  session,
  channels,
  messages: [message],
  keyChanges: [keyChange],
  reopened: {},
  link,
  peers,
  actors,
}
