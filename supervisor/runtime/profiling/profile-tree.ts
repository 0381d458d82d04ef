import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../errors.ts'
import type { Supervisor } from '../tree/supervisor.ts'
import { ThreadProfiles, type ThreadProfile } from './thread-profiles.ts'
import type { ActorProfile } from './trace.ts'

/** Name of the supervisor's own thread in profiles. */
export const mainName = 'main'

/**
 * Records CPU profiles of actors for `forMs`, and of the thread that supervises them. An actor that dies meanwhile is
 * left out.
 * @param names the actors. @default all that run
 * @param intervalUs between two samples, µs. @default 1_000
 */
export async function profileTree(
  supervisor: Supervisor,
  options: { forMs: number; names?: readonly string[]; intervalUs?: number },
): Promise<ActorProfile[]> {
  const { forMs, intervalUs = 1_000 } = options
  const names = options.names ?? [mainName, ...runningActors(supervisor)]
  const actors = names.filter((name) => name !== mainName)
  const own = names.includes(mainName) ? await ThreadProfiles.start(intervalUs, new Map()) : undefined
  const started = await eachAlive(actors, async (name) => {
    await supervisor.ask(name, { about: 'profile-start', intervalUs })
    return name
  })
  await sleep(forMs)
  const profiles: ActorProfile[] = named(mainName, (await own?.stop()) ?? [])
  const stopped = await eachAlive(started, async (name) => {
    // What an actor answers to this question is of this type; see `Question`.
    const answer = (await supervisor.ask(name, { about: 'profile-stop' })) as ThreadProfile[]
    return named(name, answer)
  })
  return [...profiles, ...stopped.flat()]
}

function runningActors(supervisor: Supervisor): string[] {
  return supervisor.children
    .filter(({ kind, state }) => kind === 'actor' && state === 'running')
    .map(({ name }) => name)
}

function named(actor: string, profiles: readonly ThreadProfile[]): ActorProfile[] {
  return profiles.map(({ name, ...rest }) => ({ ...rest, name: name === '' ? actor : `${actor} ${name}` }))
}

async function eachAlive<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(names.map(work))
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value]
    if (['actor-down', 'actor-start-failed'].includes(errorCode(result.reason) ?? '')) return []
    throw result.reason
  })
}
