import { setTimeout as sleep } from 'node:timers/promises'
import { childSpec, defineContract, Supervisor } from '../../../../supervisor/runtime/index.ts'
import type { EchoApi } from '../calls/echo.contract.ts'
import type { Contender } from '../contender.ts'

const actors = 5
const everyMs = 25

/**
 * A call to each of five actors every 25 ms: 200 calls/s, the same whatever else the process does. Measures the CPU
 * time of the whole process, in percent of one core.
 * @param sampling 'on' for every second, or 'off'
 */
export async function start(sampling?: string): Promise<Contender> {
  const supervisor = new Supervisor({ sampling: sampling === 'on' ? { everyMs: 1000 } : false })
  const contracts = Array.from({ length: actors }, (_, n) => defineContract<EchoApi>({ name: `echo-${n}` }))
  const entry = new URL('../calls/echo.actor.ts', import.meta.url)
  await supervisor.start(contracts.map((contract) => childSpec({ contract, entry })))
  const refs = contracts.map((contract) => supervisor.ref(contract))

  return {
    measures: {
      async cpu(forMs) {
        const before = process.cpuUsage()
        const from = performance.now()
        for (let due = everyMs; due <= forMs; due += everyMs) {
          await Promise.all(refs.map(({ call }) => call.echo(due)))
          await sleep(Math.max(0, from + due - performance.now()))
        }
        const { user, system } = process.cpuUsage(before)
        return ((user + system) / 1000 / (performance.now() - from)) * 100
      },
    },
    stop: () => supervisor.stop(),
  }
}
