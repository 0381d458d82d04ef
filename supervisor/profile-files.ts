import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { writeFileAtomically } from '../shared/store/atomic-file.ts'
import {
  busyShare,
  hottest,
  mainName,
  mergeCpuProfiles,
  profileTree,
  type ActorProfile,
  type Supervisor,
} from './runtime/index.ts'

const closed = { additionalProperties: false } as const

export const HotSpot = Type.Object(
  {
    actor: Type.String(),
    function: Type.String(),
    /** File and line; empty for V8's own. */
    place: Type.String(),
    /** Time in the function itself, ms. */
    ms: Type.Number(),
  },
  closed,
)
export type HotSpot = Static<typeof HotSpot>

/** What profiling a tree left behind. */
export const ProfileReport = Type.Object(
  {
    seconds: Type.Number(),
    /** Paths of what was written: one profile per thread, the merged one, heap snapshots. */
    files: Type.Array(Type.String()),
    /** Share of the time in which each thread was not idle, 0 to 1. */
    busy: Type.Array(Type.Object({ actor: Type.String(), share: Type.Number() }, closed)),
    hotSpots: Type.Array(HotSpot),
  },
  closed,
)
export type ProfileReport = Static<typeof ProfileReport>

export interface ProfileRequest {
  seconds: number
  folder: string
  /** Also writes a heap snapshot of every actor. Each stands still while it is written. */
  heap: boolean
}

const hotSpotsPerThread = 3

/** Profiles all actors of a tree at once and writes what usual tools open. */
export async function writeProfiles(
  supervisor: Supervisor,
  { seconds, folder, heap }: ProfileRequest,
): Promise<ProfileReport> {
  await mkdir(folder, { recursive: true })
  const profiles = await profileTree(supervisor, { forMs: seconds * 1_000 })
  const files: string[] = []
  const write = async (name: string, value: unknown) => {
    const path = join(folder, name)
    await writeFileAtomically(path, Buffer.from(JSON.stringify(value)))
    files.push(path)
  }
  for (const { name, profile } of profiles) await write(`${name.replaceAll(' ', '-')}.cpuprofile`, profile)
  await write('all-actors.trace.json', mergeCpuProfiles(profiles))
  if (heap) files.push(...(await heapSnapshots(supervisor, folder)))
  const busy = profiles.map(({ name, profile }) => ({ actor: name, share: busyShare(profile) }))
  return { seconds, files, busy, hotSpots: profiles.flatMap(hotSpots) }
}

function hotSpots({ name: actor, profile }: ActorProfile): HotSpot[] {
  return hottest(profile, hotSpotsPerThread).map(({ name, url, line, ms }) => ({
    actor,
    function: name,
    place: url === '' ? '' : `${url.split('/').at(-1)}:${line}`,
    ms,
  }))
}

async function heapSnapshots(supervisor: Supervisor, folder: string): Promise<string[]> {
  const paths: string[] = []
  for (const { name, kind, state } of supervisor.children) {
    if (kind !== 'actor' || state !== 'running' || name === mainName) continue
    const path = join(folder, `${name}.heapsnapshot`)
    await supervisor.ask(name, { about: 'heap-snapshot', path })
    paths.push(path)
  }
  return paths
}
