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
  const withMain = options.names?.includes(mainName) ?? true
  const own = withMain ? await ThreadProfiles.start(intervalUs, new Map()) : undefined
  const actors = options.names?.filter((name) => name !== mainName) ?? runningActors(supervisor)
  // What an actor answers to this question is of this type; see `Question`.
  const stop = async (name: string) =>
    (await supervisor.ask(name, { about: 'profile-stop' })) as ThreadProfile[]
  let started: string[]
  try {
    started = await eachOf(actors, gone, async (name) => {
      await supervisor.ask(name, { about: 'profile-start', intervalUs })
      return name
    })
  } catch (error) {
    // Those that have begun shall not go on for ever.
    await Promise.allSettled([own?.stop(), ...actors.map(stop)])
    throw error
  }
  await sleep(forMs)
  const profiles: ActorProfile[] = named(mainName, (await own?.stop()) ?? [])
  const stopped = await eachOf(started, [...gone, 'unknown-actor'], async (name) =>
    named(name, await stop(name)),
  )
  return [...profiles, ...stopped.flat()]
}

/** Codes of the errors by which an actor that has died is known. */
const gone = ['actor-down', 'actor-start-failed']

function runningActors(supervisor: Supervisor): string[] {
  return supervisor.children
    .filter(({ kind, state }) => kind === 'actor' && state === 'running')
    .map(({ name }) => name)
}

function named(actor: string, profiles: readonly ThreadProfile[]): ActorProfile[] {
  return profiles.map(({ name, ...rest }) => ({ ...rest, name: name === '' ? actor : `${actor} ${name}` }))
}

/** Leaves out those for which the work fails with one of these codes. */
async function eachOf<T>(
  names: readonly string[],
  without: readonly string[],
  work: (name: string) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.allSettled(names.map(work))
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value]
    if (without.includes(errorCode(result.reason) ?? '')) return []
    throw result.reason
  })
}
