import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hottest } from '../../../../renderer/views/flame/hottest.ts'
import { icicle, matching, pathTo, timeIn, within } from '../../../../renderer/views/flame/icicle.ts'
import { paintsOf } from '../../../../renderer/views/flame/paint.ts'
import type { FlameFrame } from '../../../../shared/bridge.ts'

const frame = (name: string, place: string, ms: number, selfMs: number, parent: number): FlameFrame => ({
  ...{ name, place, ms, selfMs, parent },
})

/*
 *  (root) 100
 *  send 30        receive 60               (gc) 10
 *  write 20       parse 60
 *                 receive 25 | write 5
 */
const frames = [
  frame('(root)', '', 100, 0, -1),
  frame('send', 'chat.ts:1', 30, 10, 0),
  frame('write', 'log.ts:9', 20, 20, 1),
  frame('receive', 'chat.ts:7', 60, 0, 0),
  frame('parse', 'port.js:3', 60, 30, 3),
  frame('receive', 'chat.ts:7', 25, 25, 4),
  frame('write', 'log.ts:9', 5, 5, 4),
  frame('(garbage collector)', '', 10, 10, 0),
]
const placed = icicle(frames)
const names = (all: readonly FlameFrame[]) => all.map(({ name }) => name)

const graphs = suite('a flame graph')

graphs('puts each frame below its caller, the longest leftmost', () => {
  assert.equal(
    placed.map(({ name, depth, from }) => [name, depth, from]),
    [
      ['(root)', 0, 0],
      ['send', 1, 60],
      ['write', 2, 60],
      ['receive', 1, 0],
      ['parse', 2, 0],
      ['receive', 3, 0],
      ['write', 3, 25],
      ['(garbage collector)', 1, 90],
    ],
  )
})

graphs('shows what lies within a stretch and is wide enough, and the callers that reach across it', () => {
  assert.equal(names(within(placed, { from: 60, ms: 30 }, 1)), ['(root)', 'send', 'write'])
  assert.equal(names(within(placed, { from: 0, ms: 100 }, 15)), [
    '(root)',
    'send',
    'write',
    'receive',
    'parse',
    'receive',
  ])
})

graphs('knows the way from the root to a frame', () => {
  assert.equal(names(pathTo(placed, 6)), ['(root)', 'receive', 'parse', 'write'])
})

graphs('finds frames by function or file and counts their time once', () => {
  const find = (sought: string) =>
    timeIn(
      placed,
      matching(placed, sought, ({ name }) => name),
    )
  assert.is(find('CHAT.ts'), 90)
  assert.is(find('write log.ts:9'), 25)
  assert.is(find('nowhere'), 0)
  assert.is(find('  '), 0)
})

graphs('lists functions by the time in themselves, and what they call of themselves once', () => {
  assert.equal(
    hottest(frames, 3).map(({ name, selfMs, ms }) => [name, selfMs, ms]),
    [
      ['parse', 30, 60],
      ['write', 25, 25],
      ['receive', 25, 60],
    ],
  )
})

graphs('gives the busiest files colours of their own, and says whose they are', () => {
  const paints = paintsOf(frames)
  assert.equal(
    paints.legend.map(({ label, selfMs }) => [label, selfMs]),
    [
      ['chat.ts', 35],
      ['port.js', 30],
      ['log.ts', 25],
      ['Garbage collection', 10],
    ],
  )
  assert.is(paints.of(frame('tick', 'node:internal/timers:5', 1, 1, 0)), 'node')
  assert.is(paints.of(frame('seldom', 'seldom.ts:5', 1, 1, 0)), 'other')
})

graphs('is placed within a moment when it has thousands of frames, however deep', () => {
  const deep = Array.from({ length: 20_000 }, (_, index) =>
    frame('f', 'f.ts:1', 20_000 - index, 1, index - 1),
  )
  assert.is(icicle(deep).at(-1)?.depth, 19_999)
})

graphs.run()
