import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '../support/seeded-random.ts'
import { runFuzz } from './run-fuzz.ts'
import { allTargets } from './targets.ts'

/* `npm run fuzz -- --inputs 1000000 --seed N [--only NAME]`: puts random inputs to every reader that faces a wire. */

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})

const heapMb = () => process.memoryUsage().heapUsed / 2 ** 20

const targets = (await allTargets()).filter(({ name }) => name.includes(values.only))
const random = seededRandom(values.seed === undefined ? undefined : Number(values.seed))
const inputs = Number(values.inputs)
// Once, so that what is compiled and cached is not taken for growth; and the streams between which questions are asked
// here keep their buffers for some seconds.
await runFuzz(targets, inputs / 20, random)
await sleep(6_000)
globalThis.gc?.()
const before = heapMb()
const started = performance.now()
const figures = await runFuzz(targets, inputs, random)
const seconds = (performance.now() - started) / 1000
await sleep(6_000)
globalThis.gc?.()

console.log(
  `${'reader'.padEnd(28)}${['accepted', 'refused', 'µs each', 'slowest ms'].map((head) => head.padStart(12)).join('')}`,
)
for (const { name, accepted, refused, slowestMs, totalMs } of figures) {
  const cells = [
    ...[accepted, refused].map(String),
    ((totalMs * 1000) / (accepted + refused)).toFixed(1),
    slowestMs.toFixed(1),
  ]
  console.log(`${name.padEnd(28)}${cells.map((cell) => cell.padStart(12)).join('')}`)
}
const count = figures.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0)
console.log(`\n${count} inputs in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s`)
console.log(`heap ${before.toFixed(1)} MB before, ${heapMb().toFixed(1)} MB after`)
for (const { stop } of targets) await stop?.()
