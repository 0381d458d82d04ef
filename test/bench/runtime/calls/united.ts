import { childSpec, Supervisor } from '../../../../supervisor/runtime/index.ts'
import type { Contender } from '../contender.ts'
import { callsPerSecond, medianCallUs, payloads, sendsPerSecond } from '../load.ts'
import { echo } from './echo.contract.ts'

/** Ours: an actor on a thread, called from its supervisor's side. */
export async function start(): Promise<Contender> {
  const supervisor = new Supervisor()
  await supervisor.start([
    childSpec({ contract: echo, entry: new URL('./echo.actor.ts', import.meta.url), isolation: 'thread' }),
  ])
  const { call, send } = supervisor.ref(echo)
  const payload = payloads()
  return {
    measures: {
      calls: (forMs) => callsPerSecond(() => call.echo(1), forMs),
      oneCall: (forMs) => medianCallUs(() => call.echo(1), forMs),
      sends: (forMs) =>
        sendsPerSecond(
          () => send.take(payload()),
          () => call.count(),
          forMs,
        ),
    },
    stop: () => supervisor.stop(),
  }
}
