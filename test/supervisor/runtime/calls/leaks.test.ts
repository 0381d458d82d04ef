import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SoakReport } from './fixtures/soak.ts'

const soak = fileURLToPath(new URL('./fixtures/soak.ts', import.meta.url))
/** Rounds in which caches fill and code is compiled. */
const warmUp = 8
/** More than this, bytes, is growth: calls that leave one entry of a map each behind come to twice as much. */
const tolerance = 2 ** 19

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

test('100,000 calls with proxies and 200 restarts leave nothing behind', async () => {
  const program = spawn(process.execPath, ['--expose-gc', soak], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(program, 'exit')
  const report = JSON.parse(await text(program.stdout)) as SoakReport
  // It ends by itself: nothing keeps its event loop alive.
  assert.equal(await exited, [0, null])

  const heaps = report.rounds.map(({ heapBytes }) => heapBytes)
  console.log(`${report.calls} calls, ${report.restarts} restarts`)
  console.log('heap, MB:', heaps.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(' '))
  console.log('resources:', JSON.stringify(report.rounds.at(-1)?.resources), JSON.stringify(report.after))
  assert.ok(report.calls >= 100_000)
  assert.is(report.restarts, 200)

  const half = warmUp + (heaps.length - warmUp) / 2
  const grown = median(heaps.slice(half)) - median(heaps.slice(warmUp, half))
  assert.ok(grown < tolerance, `the heap has grown by ${grown} bytes`)
  const ports = report.rounds.map(({ resources }) => resources['MessagePort'] ?? 0)
  assert.equal(new Set(ports).size, 1, `ports after each round: ${ports.join(' ')}`)
  assert.equal(report.after, report.before)
  assert.equal(report.orphans, [])
})

test.run()
