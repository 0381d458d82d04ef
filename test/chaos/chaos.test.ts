import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const program = fileURLToPath(new URL('./chaos.ts', import.meta.url))

async function chaos(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

test('a short storm of faults loses no message, doubles none, keeps the order and leaves nothing over', async () => {
  const { code, output } = await chaos('--seconds', '8', '--seed', '1', '--json')
  const last = output
    .trim()
    .split('\n')
    .findLast((line) => line.startsWith('{'))
  assert.ok(last, output)
  const { figures, seed } = JSON.parse(last) as { figures: { name: string; value: number }[]; seed: number }
  const figure = (name: string) => figures.find((one) => one.name === name)?.value
  assert.is(seed, 1)
  assert.ok((figure('sent') ?? 0) > 10, output)
  assert.ok((figure('faults') ?? 0) > 5, output)
  assert.equal(['lost', 'duplicated', 'out_of_order', 'orphans'].map(figure), [0, 0, 0, 0], output)
  assert.is(code, 0, output)
})

test.run()
