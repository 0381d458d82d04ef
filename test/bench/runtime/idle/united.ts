import { childSpec, defineContract, Supervisor } from '../../../../supervisor/runtime/index.ts'
import type { EchoApi } from '../calls/echo.contract.ts'
import type { Contender } from '../contender.ts'
import { mbOfEach, population } from './memory.ts'

/** Ours: actors on threads that wait for calls. The first is there before: what all share is not counted. */
export async function start(): Promise<Contender> {
  const supervisor = new Supervisor()
  const spec = (n: number) =>
    childSpec({
      contract: defineContract<EchoApi>({ name: `echo-${n}` }),
      entry: new URL('../calls/echo.actor.ts', import.meta.url),
    })
  await supervisor.start([spec(0)])
  return {
    measures: {
      idle: () => mbOfEach(() => supervisor.start(Array.from({ length: population }, (_, n) => spec(n + 1)))),
    },
    stop: () => supervisor.stop(),
  }
}
