import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ActorError } from '../errors.ts'
import { late } from '../late.ts'
import type { Entry, EntryKind, Recording } from './entry.ts'
import { entryKinds } from './ring.ts'

const suffix = '.recording.json'

/** What was read is no recording. */
export class NoRecording extends ActorError {
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super('no-recording', `${path} is no recording: ${problem}`, options)
  }
}

/** An entry in a file: its payload as base64 of V8's serialization, which keeps what JSON does not. */
type FileEntry = Omit<Entry, 'payload'> & { payload?: string }

/**
 * Writes a recording for its owner alone to read, and removes the oldest ones.
 * @param keep how many stay in the folder. @default 20
 * @returns the path of the file
 */
export async function writeRecording(folder: string, recording: Recording, keep = 20): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const time = new Date().toISOString().replaceAll(':', '-')
  // An actor may have a name that no file can have.
  const actor = encodeURIComponent(recording.actor)
  const path = join(folder, `${time}-${actor}-${recording.incarnation}${suffix}`)
  const entries = recording.entries.map(toFile)
  await writeFile(`${path}.partial`, JSON.stringify({ ...recording, entries }), { mode: 0o600 })
  await rename(`${path}.partial`, path)
  // Their names begin with the time, so that they sort by age.
  const all = (await readdir(folder)).filter((name) => name.endsWith(suffix)).toSorted()
  for (const name of all.slice(0, Math.max(0, all.length - keep)))
    await rm(join(folder, name), { force: true })
  return path
}

/** @throws NoRecording */
export async function readRecording(path: string): Promise<Recording> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new NoRecording(path, 'it cannot be read', { cause })
  }
  if (!isRecord(value)) throw new NoRecording(path, 'it holds no object')
  const { actor, incarnation, death, entries } = value
  if (typeof actor !== 'string' || typeof incarnation !== 'number' || !Array.isArray(entries))
    throw new NoRecording(path, 'the actor, its life or the messages are missing')
  if (death !== null && typeof death !== 'string') throw new NoRecording(path, 'the death is no text')
  return { actor, incarnation, death, entries: entries.map((entry) => fromFile(path, entry)) }
}

function toFile({ payload, ...entry }: Entry): FileEntry {
  if (payload === undefined) return entry
  return { ...entry, payload: late.v8.serialize(payload).toString('base64') }
}

function fromFile(path: string, value: unknown): Entry {
  if (!isRecord(value)) throw new NoRecording(path, 'a message is no object')
  const { at, kind, caller, name, id, bytes, payload } = value
  const known = entryKinds.find((entryKind): entryKind is EntryKind => entryKind === kind)
  if (!known || typeof caller !== 'string' || typeof name !== 'string')
    throw new NoRecording(path, 'a message has no kind, caller or name')
  if (typeof at !== 'number' || typeof id !== 'number' || typeof bytes !== 'number')
    throw new NoRecording(path, 'a message has no time, id or size')
  const entry: Entry = { at, kind: known, caller, name, id, bytes }
  if (payload !== undefined) entry.payload = payloadFrom(path, payload)
  return entry
}

function payloadFrom(path: string, payload: unknown): unknown {
  if (typeof payload !== 'string') throw new NoRecording(path, 'the arguments of a message are no text')
  try {
    return late.v8.deserialize(Buffer.from(payload, 'base64'))
  } catch (cause) {
    throw new NoRecording(path, 'the arguments of a message cannot be read', { cause })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
