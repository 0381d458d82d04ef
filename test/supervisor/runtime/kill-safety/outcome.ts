import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order, Report } from './sacrifice.ts'

/**
 * What came of killing threads:
 * - `survives`: each ended at once, and nothing else did;
 * - `waits`: each ended, though not before the native call that it was in had returned;
 * - `ends alone`: each ended of itself for want of memory, and nothing else did;
 * - `crashes`: the whole process was taken down;
 * - `hangs`: `terminate` never resolved.
 */
export type OutcomeKind = 'survives' | 'waits' | 'ends alone' | 'crashes' | 'hangs'

export interface Outcome {
  kind: OutcomeKind
  /** How that was seen, in words. */
  seen: string
}

/** How a process ends that native code took down; on Windows by these exit codes. */
const crashSignals = new Set<unknown>(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGTRAP'])
const crashCodes = new Set<unknown>([134, 0xc0000005, 0xc0000409])

/** A process that takes longer hangs as a whole, ms. */
const limitMs = 45_000

/**
 * Lets a process of its own start threads and kill them.
 * @param folder where it runs, so that a core dump goes when the folder goes
 * @throws Error when it came to nothing that this test is about
 */
export async function sacrifice(order: Order, folder: string): Promise<Outcome> {
  const program = fileURLToPath(new URL('./sacrifice.ts', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, limitMs)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)

  const reports = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Report)
  const crashed = crashSignals.has(signal) || crashCodes.has(code)
  const outcome = crashed
    ? { kind: 'crashes' as const, seen: `${signal ?? `exit code ${code}`} ${progress(reports, order)}` }
    : judge(reports, order, late)
  if (!outcome) throw new Error(`${signal ?? `exit code ${code}`}, which shows nothing:\n${stdout}${stderr}`)
  return outcome
}

function judge(reports: readonly Report[], order: Order, late: boolean): Outcome | undefined {
  const last = reports.at(-1)?.event
  if (late || last === 'hung') return { kind: 'hangs', seen: progress(reports, order) }
  if (last !== 'survived') return undefined

  const killed = reports.filter((report) => report.event === 'killed')
  const ended = reports.filter((report) => report.event === 'ended')
  if (ended.every(({ error }) => error === 'ERR_WORKER_OUT_OF_MEMORY') && ended.length === order.kills) {
    return { kind: 'ends alone', seen: `ERR_WORKER_OUT_OF_MEMORY ${ended.length} times` }
  }
  if (killed.length < order.kills) return undefined
  const slowestMs = Math.max(...killed.map(({ ms }) => ms))
  // One is proof enough: on a loaded machine another call may have been over before its thread was killed.
  const waited = killed.some(({ ms, nativeCallMs = Infinity }) => ms >= nativeCallMs)
  return {
    kind: waited ? 'waits' : 'survives',
    seen: `${killed.length} kills, the slowest ${slowestMs.toFixed(0)} ms`,
  }
}

function progress(reports: readonly Report[], { kills }: Order): string {
  return `at thread ${reports.length + (reports.at(-1)?.event === 'hung' ? 0 : 1)} of ${kills}`
}
