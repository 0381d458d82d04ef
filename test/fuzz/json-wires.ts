import { bridgeEvents, bridgeHostFrames, bridgeMethods, bridgeRequests } from '../../shared/bridge.ts'
import { clientFrames, controlEvents, controlRequests, serverFrames } from '../../shared/control.ts'
import { checker, type Checker } from '../../shared/schema.ts'
import { readRequest } from '../../server/gateway/request-frame.ts'
import {
  bridgeCalls,
  bridgeEventData,
  controlEventData,
  controlParams,
  controlResults,
  refusal,
  welcome,
} from '../support/sample-frames.ts'
import type { SeededRandom } from '../support/seeded-random.ts'
import { parsed, requireSound, takes } from './judge.ts'
import { jsonLike } from './mutations.ts'
import type { Target } from './target.ts'

/** A frame that is well formed as far as its envelope goes, and what is inside of it. */
interface Sample {
  frame: unknown
  /** What is checked by itself, once the frame is known. */
  inside?: { check: Checker<unknown>; of: (frame: unknown) => unknown }
}

const memberOf =
  (...path: string[]) =>
  (frame: unknown) =>
    path.reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      frame,
    )

const fromClients: Sample[] = [
  { frame: { type: 'hello', protocol: 2, token: 'a.b.c' } },
  ...Object.entries(controlRequests).map(([method, { params }]) => ({
    frame: { type: 'request', id: 1, method, params: Reflect.get(controlParams, method) as unknown },
    inside: { check: checker('the request', params), of: memberOf('params') },
  })),
]

const fromServers: Sample[] = [
  { frame: welcome },
  { frame: { type: 'goodbye', error: refusal } },
  { frame: { type: 'reply', id: 1, ok: false, error: refusal } },
  ...Object.entries(controlRequests).map(([method, { result }]) => ({
    frame: { type: 'reply', id: 1, ok: true, result: Reflect.get(controlResults, method) as unknown },
    inside: { check: checker('the answer', result), of: memberOf('result') },
  })),
  ...Object.entries(controlEvents).map(([event, data]) => ({
    frame: { type: 'event', event, data: Reflect.get(controlEventData, event) as unknown },
    inside: { check: checker('the event', data), of: memberOf('data') },
  })),
]

const fromWindows: Sample[] = Object.entries(bridgeMethods).map(([method, { params }]) => ({
  frame: { id: 1, method, params: (Reflect.get(bridgeCalls, method) as readonly unknown[])[0] },
  inside: { check: checker('the request', params), of: memberOf('params') },
}))

const fromHosts: Sample[] = [
  { frame: { id: 1, answer: { ok: false, error: refusal } } },
  ...Object.entries(bridgeMethods).map(([method, { result }]) => ({
    frame: {
      id: 1,
      answer: { ok: true, result: (Reflect.get(bridgeCalls, method) as readonly unknown[])[1] },
    },
    inside: { check: checker('the answer', result), of: memberOf('answer', 'result') },
  })),
  ...Object.entries(bridgeEvents).map(([event, data]) => ({
    frame: { event, data: Reflect.get(bridgeEventData, event) as unknown },
    inside: { check: checker('the event', data), of: memberOf('data') },
  })),
]

/** @param frames takes or refuses the frame; what is inside of one that was taken is checked by itself, as the wire does */
function target(name: string, samples: readonly Sample[], frames: (frame: unknown) => unknown): Target {
  return {
    name,
    share: 4,
    next(random: SeededRandom) {
      const sample = samples[random.below(samples.length)]
      const text = jsonLike(random, sample?.frame)
      return () =>
        takes(() => {
          const frame = frames(parsed(text))
          const { check, of } = sample?.inside ?? {}
          requireSound(check && of ? check.check(of(frame)) : frame)
        })
    },
  }
}

/** Everything that comes as JSON over a socket. */
export const jsonWires: readonly Target[] = [
  target(
    'control frames of a client',
    fromClients,
    (frame) => readRequest(frame) ?? clientFrames.check(frame),
  ),
  target('control frames of a server', fromServers, (frame) => serverFrames.check(frame)),
  target('bridge frames of a window', fromWindows, (frame) => bridgeRequests.check(frame)),
  target('bridge frames of a host', fromHosts, (frame) => bridgeHostFrames.check(frame)),
]
