import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * `npm test [-- FILTER]`: runs every test file in a process of its own, so that a file that leaves something running
 * or takes its process down is seen as itself, and ends with one line: N passed, N failed, N skipped.
 *
 * A test that cannot run on this machine prints `skipped: REASON` and is counted.
 */

const folder = fileURLToPath(new URL('.', import.meta.url))
/** A file that takes longer hangs, ms. */
const fileLimitMs = 120_000
/** How long what a file has started has to end after it, ms. */
const leaveMs = 5_000

interface Outcome {
  file: string
  passed: number
  failed: number
  skipped: string[]
  output: string
  seconds: number
}

function testFiles(filter: string | undefined): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && (filter === undefined || file.includes(filter)))
    .toSorted()
    .map((file) => join(folder, file))
}

async function runFile(path: string): Promise<Outcome> {
  const started = performance.now()
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const timer = setTimeout(() => child.kill('SIGKILL'), fileLimitMs)
  const closed = new Promise<boolean>((resolve) => child.once('close', () => resolve(false)))
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearTimeout(timer)
  const left = await leavesSomething(child, closed)

  const total = counted(output, 'Total')
  const passed = counted(output, 'Passed')
  const skipped = [...output.matchAll(/^skipped: (.+)$/gm)].map(([, reason]) => reason ?? '')
  const broke = (code !== 0 && total === passed) || left
  return {
    file: relative(folder, path),
    passed: passed - skipped.length,
    // A file that ran no test, or ended badly after its tests, has failed as such.
    failed: total - passed + (broke || total === 0 ? 1 : 0),
    skipped,
    output: left ? `${output}\nIt has left a program running that holds its output.\n` : output,
    seconds: (performance.now() - started) / 1000,
  }
}

/** Whether a file that has ended left a program that still holds its output, and would be waited for without end. */
async function leavesSomething(child: ChildProcess, closed: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), leaveMs)))
  const left = await Promise.race([closed, late])
  clearTimeout(timer)
  for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  return left
}

/** uvu's closing lines, one block for each suite of a file. */
function counted(output: string, what: 'Total' | 'Passed'): number {
  const plain = output.replace(/\u001b\[\d+m/g, '')
  return [...plain.matchAll(new RegExp(`^\\s*${what}:\\s+(\\d+)`, 'gm'))].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  )
}

const files = testFiles(process.argv[2])
const waiting = [...files]
const outcomes: Outcome[] = []

/** End-to-end files start browsers and whole trees; two files at a time keep a two-core machine honest. */
async function worker(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const outcome = await runFile(file)
    outcomes.push(outcome)
    const { passed, failed, skipped, seconds } = outcome
    const mark = failed > 0 ? 'FAILED' : 'ok'
    console.log(`${mark.padEnd(6)} ${outcome.file}  ${passed} passed in ${seconds.toFixed(1)} s`)
    for (const reason of skipped) console.log(`       skipped: ${reason}`)
    if (failed > 0) console.log(outcome.output)
  }
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker))

const sum = (pick: (outcome: Outcome) => number) =>
  outcomes.reduce((total, outcome) => total + pick(outcome), 0)
const failed = sum((outcome) => outcome.failed)
const passed = sum((outcome) => outcome.passed)
console.log(`\n${passed} passed, ${failed} failed, ${sum((outcome) => outcome.skipped.length)} skipped`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
