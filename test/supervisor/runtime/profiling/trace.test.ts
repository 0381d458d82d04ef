import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  mergeCpuProfiles,
  type ActorProfile,
  type TraceEvent,
} from '../../../../supervisor/runtime/profiling/trace.ts'
import { profileOf } from './fixtures/profile-of.ts'

/** The part of a `ProfileChunk` that viewers read. */
interface Chunk {
  endTime: number
  timeDeltas: number[]
  cpuProfile: {
    nodes: { id: number; parent?: number; callFrame: { functionName: string } }[]
    samples: number[]
  }
}

const [sorter, summer] = await Promise.all([
  profileOf('sortNames', 'thread'),
  profileOf('sumSquares', 'thread'),
])
// What a file holds.
const { traceEvents } = JSON.parse(JSON.stringify(mergeCpuProfiles([sorter, summer]))) as {
  traceEvents: TraceEvent[]
}

const eventsOf = ({ pid, thread }: ActorProfile, name: string) =>
  traceEvents.filter((event) => event.pid === pid && event.tid === thread && event.name === name)

function only<T>(list: readonly T[]): T {
  assert.is(list.length, 1)
  const [item] = list
  if (item === undefined) throw new Error('an empty list')
  return item
}

const chunkOf = (actor: ActorProfile) => only(eventsOf(actor, 'ProfileChunk')).args['data'] as Chunk

test('each actor is a thread of its name, in the process that it ran in', () => {
  for (const actor of [sorter, summer]) {
    assert.equal(only(eventsOf(actor, 'thread_name')).args, { name: actor.name })
  }
  const processes = traceEvents.filter(({ name }) => name === 'process_name')
  assert.is(only(processes).pid, process.pid)
  assert.equal(only(processes).args, { name: 'sortNames, sumSquares' })
})

test('each thread has a head, its samples, and a span from its start to its end', () => {
  const ids = [sorter, summer].map((actor) => {
    const { startTime, endTime } = actor.profile
    const head = only(eventsOf(actor, 'Profile'))
    assert.equal(head.args, { data: { startTime } })
    assert.is(head.ts, startTime)
    assert.is(only(eventsOf(actor, 'ProfileChunk')).id, head.id)
    const span = only(eventsOf(actor, actor.name))
    assert.equal([span.ph, span.ts, span.dur], ['X', startTime, endTime - startTime])
    return head.id
  })
  assert.is(new Set(ids).size, 2)
})

test('the time deltas of each thread add up to the duration of its profile, with a sample for each', () => {
  for (const actor of [sorter, summer]) {
    const { timeDeltas, cpuProfile, endTime } = chunkOf(actor)
    assert.is(cpuProfile.samples.length, timeDeltas.length)
    assert.is(
      timeDeltas.reduce((sum, delta) => sum + delta, 0),
      actor.profile.endTime - actor.profile.startTime,
    )
    assert.is(endTime, actor.profile.endTime)
  }
})

test('every sample is of a node, and every node but the root has a parent', () => {
  for (const actor of [sorter, summer]) {
    const { nodes, samples } = chunkOf(actor).cpuProfile
    const ids = new Set(nodes.map(({ id }) => id))
    assert.ok(samples.every((sample) => ids.has(sample)))
    const [root, ...others] = nodes
    assert.is(root?.callFrame.functionName, '(root)')
    assert.is(root?.parent, undefined)
    assert.ok(others.every(({ parent }) => parent !== undefined && ids.has(parent)))
  }
})

test('the hot function of an actor is in its thread and in no other', () => {
  const names = (actor: ActorProfile) =>
    chunkOf(actor).cpuProfile.nodes.map(({ callFrame }) => callFrame.functionName)
  assert.ok(names(sorter).includes('sortNames'))
  assert.not.ok(names(sorter).includes('sumSquares'))
  assert.ok(names(summer).includes('sumSquares'))
  assert.not.ok(names(summer).includes('sortNames'))
})

test('the file begins as speedscope expects of this format, and does not claim that a browser was traced', () => {
  const first = traceEvents[0]
  for (const key of ['pid', 'tid', 'ph', 'cat'] as const) assert.ok(first?.[key] !== undefined)
  assert.not.ok(traceEvents.some(({ name }) => /^TracingStartedIn|^CpuProfile$/.test(name)))
})

test('actors of several processes keep apart, though each is the first thread of its own', async () => {
  const elsewhere = await profileOf('sortNames', 'process')
  const merged = mergeCpuProfiles([elsewhere, { ...sorter, name: 'here', thread: 0 }]).traceEvents
  const processes = merged.filter(({ name }) => name === 'process_name')
  assert.equal(
    processes.map(({ pid, args }) => [pid, args['name']]),
    [
      [elsewhere.pid, 'sortNames'],
      [process.pid, 'here'],
    ],
  )
  const ids = merged.filter(({ name }) => name === 'Profile').map(({ id }) => id)
  assert.is(new Set(ids).size, 2)
})

test('a profile without a sample is merged as an empty thread', () => {
  const { nodes, startTime, endTime } = sorter.profile
  const idle = { ...sorter, name: 'idle', profile: { nodes, startTime, endTime } }
  const { args } = only(mergeCpuProfiles([idle]).traceEvents.filter(({ name }) => name === 'ProfileChunk'))
  assert.equal((args['data'] as Chunk).timeDeltas, [])
})

test.run()
