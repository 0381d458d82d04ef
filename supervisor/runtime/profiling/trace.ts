import type { Profiler } from 'node:inspector'
import { closedSamples } from './samples.ts'

/** One actor's CPU profile, and where it ran. */
export interface ActorProfile {
  name: string
  pid: number
  /** `threadId` of `node:worker_threads`: 0 is the main thread of its process. */
  thread: number
  profile: Profiler.Profile
}

/** An event of the Chrome trace-event format. Times in µs. */
export interface TraceEvent {
  name: string
  /** Phase: M metadata, X a span of time, P a part of a sampled profile. */
  ph: 'M' | 'X' | 'P'
  cat: string
  pid: number
  tid: number
  ts: number
  dur?: number
  /** Joins the chunks of a profile to their head. */
  id?: string
  args: Record<string, unknown>
}

/** What a trace file holds, as JSON. */
export interface Trace {
  traceEvents: TraceEvent[]
}

/**
 * Merges profiles into one trace, each actor a thread of that name on a common time axis, for Chrome DevTools
 * (Performance, Load profile) and speedscope. The profiles must come from one machine, whose monotonic clock their
 * times are of, and no two of them from the same thread.
 *
 * The trace has no `TracingStartedInBrowser` and no `CpuProfile` event on purpose: DevTools would take it for one of a
 * browser, and drop every process that shows no page.
 */
export function mergeCpuProfiles(actors: readonly ActorProfile[]): Trace {
  const pids = [...new Set(actors.map(({ pid }) => pid))]
  return {
    traceEvents: [
      ...pids.map((pid) => processName(pid, actors)),
      ...actors.map(threadName),
      ...actors.flatMap((actor, index) => [span(actor), ...sampled(actor, `0x${(index + 1).toString(16)}`)]),
    ],
  }
}

function processName(pid: number, actors: readonly ActorProfile[]): TraceEvent {
  const names = actors.filter((actor) => actor.pid === pid).map(({ name }) => name)
  return metadata('process_name', pid, 0, names.join(', '))
}

function threadName({ name, pid, thread }: ActorProfile): TraceEvent {
  return metadata('thread_name', pid, thread, name)
}

const metadata = (kind: string, pid: number, tid: number, name: string): TraceEvent => ({
  name: kind,
  ph: 'M',
  cat: '__metadata',
  pid,
  tid,
  ts: 0,
  args: { name },
})

/** DevTools draws a thread only when it has an event besides its samples, and learns from such events when all ends. */
function span({ name, pid, thread, profile: { startTime, endTime } }: ActorProfile): TraceEvent {
  return {
    name,
    ph: 'X',
    cat: 'actor',
    pid,
    tid: thread,
    ts: startTime,
    dur: endTime - startTime,
    args: {},
  }
}

/** @param id other than every other one in the file: speedscope tells profiles apart by nothing else */
function sampled({ pid, thread, profile }: ActorProfile, id: string): TraceEvent[] {
  const { startTime, endTime } = profile
  const part = {
    ph: 'P',
    cat: 'disabled-by-default-v8.cpu_profiler',
    pid,
    tid: thread,
    ts: startTime,
    id,
  } as const
  const { samples, timeDeltas } = closedSamples(profile)
  const cpuProfile = { nodes: withParents(profile.nodes), samples }
  return [
    { ...part, name: 'Profile', args: { data: { startTime } } },
    { ...part, name: 'ProfileChunk', args: { data: { endTime, timeDeltas, cpuProfile } } },
  ]
}

/** A profile lists the children of a node, a trace names its parent. */
function withParents(nodes: readonly Profiler.ProfileNode[]) {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  return nodes.map(({ id, callFrame }) => {
    const parent = parents.get(id)
    return parent === undefined ? { id, callFrame } : { id, callFrame, parent }
  })
}
