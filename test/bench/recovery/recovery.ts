import { setTimeout as sleep } from 'node:timers/promises'
import { childSpec, Supervisor, type Contract } from '../../../supervisor/runtime/index.ts'
import { beside, percentile, report, type Report } from '../figures.ts'
import { bareFile } from '../runtime/bare-file.ts'
import { apart, spare, thread, type AliveApi } from './alive.contract.ts'
import { startProcess, startThread } from './bare-start.ts'

const warmUpRounds = 3
const rounds = 50
/** What is still ending is given this long, so that no sample pays for the one before it. */
const settleMs = 10
/** Time for the next standby to get warm. */
const warmMs = 150

/**
 * From a kill to the answer of the call that follows it, with the supervisor's defaults, beside the time that a bare
 * worker or process takes to its first message. Ours includes the end of the old one, the bare ones do not.
 */
export async function run(): Promise<Report> {
  const file = bareFile()
  const supervisor = new Supervisor()
  const entry = new URL('./alive.actor.ts', import.meta.url)
  await supervisor.start([
    childSpec({ contract: thread, entry }),
    childSpec({ contract: spare, entry, standby: true }),
    childSpec({ contract: apart, entry, isolation: 'process' }),
  ])

  const samples = {
    thread: new Samples(() => recover(supervisor, thread)),
    bareThread: new Samples(() => startThread(file.path)),
    process: new Samples(() => recover(supervisor, apart)),
    bareProcess: new Samples(() => startProcess(file.path)),
    spare: new Samples(() => recover(supervisor, spare)),
  }
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const one of Object.values(samples)) {
      await one.take(round >= warmUpRounds)
      await sleep(settleMs)
    }
    await sleep(warmMs)
  }
  await supervisor.stop()
  file.remove()

  const { bareThread, bareProcess } = samples
  const worker = 'bare Worker'
  return report('recovery', [
    beside('recovery_p50_ms', samples.thread.at(0.5), 'ms', bareThread.at(0.5), worker),
    beside('recovery_p99_ms', samples.thread.at(0.99), 'ms', bareThread.at(0.99), worker),
    beside('standby_recovery_p50_ms', samples.spare.at(0.5), 'ms', bareThread.at(0.5), worker),
    beside('process_recovery_p50_ms', samples.process.at(0.5), 'ms', bareProcess.at(0.5), 'bare fork'),
  ])
}

class Samples {
  readonly #measure: () => Promise<number>
  readonly #taken: number[] = []

  constructor(measure: () => Promise<number>) {
    this.#measure = measure
  }

  async take(counts: boolean): Promise<void> {
    const took = await this.#measure()
    if (counts) this.#taken.push(took)
  }

  at(share: number): number {
    return percentile(this.#taken, share)
  }
}

/** @returns from the kill to the next answer, ms */
async function recover(
  supervisor: Supervisor,
  contract: Contract<AliveApi, object, undefined>,
): Promise<number> {
  const { call } = supervisor.ref(contract)
  const before = await call.life()
  const from = performance.now()
  supervisor.kill(contract.name)
  const after = await call.life()
  const took = performance.now() - from
  if (after !== before + 1) throw new Error(`${contract.name} went from life ${before} to ${after}`)
  return took
}
