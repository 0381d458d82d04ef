import fc from 'fast-check'
import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Entry } from '../../../../supervisor/runtime/recorder/entry.ts'
import { entryKinds, readRing, ringMemory, RingWriter } from '../../../../supervisor/runtime/recorder/ring.ts'

const kept = 256
/** Payloads that together are smaller than this are all kept, bytes as serialized. */
const payloadRoom = 64 * 1024
const largestPayload = payloadRoom / 8

type Message = Omit<Entry, 'at'>

const anyMessage: fc.Arbitrary<Message> = fc.record(
  {
    kind: fc.constantFrom(...entryKinds),
    caller: fc.constantFrom('supervisor', 'front', 'ünïted', ''),
    name: fc.constantFrom('echo', 'a.b', 'Nachricht an alle', '名前'),
    id: fc.nat(),
    bytes: fc.nat(),
    payload: fc.oneof(
      fc.array(fc.oneof(fc.integer(), fc.string(), fc.bigInt(), fc.boolean()), { maxLength: 5 }),
      fc.uint8Array({ maxLength: 90 }).map((bytes) => [bytes, new Map([['bytes', bytes.length]])]),
    ),
  },
  { requiredKeys: ['kind', 'caller', 'name', 'id', 'bytes'], noNullPrototype: true },
)

function write(ring: RingWriter, { kind, caller, name, id, bytes, payload }: Message): void {
  ring.record(kind, caller, name, id, bytes, payload)
}

function withoutTimes(entries: readonly Entry[]): Message[] {
  return entries.map(({ at: _, ...message }) => message)
}

function call(id: number, payload?: unknown): Message {
  return {
    kind: 'call',
    caller: 'front',
    name: 'echo',
    id,
    bytes: 8,
    ...(payload === undefined ? {} : { payload }),
  }
}

test('a ring holds the last 256 messages, oldest first, with what was said of each', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 700, size: 'max' }), fc.boolean(), (messages, payloads) => {
      const memory = ringMemory(payloads)
      const ring = new RingWriter(memory)
      for (const message of messages) write(ring, message)
      const last = messages.slice(-kept)
      const expected = payloads ? last : last.map(({ payload: _, ...message }) => message)
      assert.equal(withoutTimes(readRing(memory)), expected)
    }),
    { numRuns: 60 },
  )
})

test('a ring that is read after every message has each time what an array has, all the way around', () => {
  const memory = ringMemory(true)
  const ring = new RingWriter(memory)
  const written: Message[] = []
  for (let id = 1; id <= 2 * kept + 3; id++) {
    const message = call(id, id % 3 === 0 ? [id, `message ${id}`] : undefined)
    write(ring, message)
    written.push(message)
    assert.equal(withoutTimes(readRing(memory)), written.slice(-kept))
  }
})

test('the times in a ring are of the clock, and never go back', () => {
  const memory = ringMemory(false)
  const ring = new RingWriter(memory)
  const before = performance.timeOrigin + performance.now()
  for (let id = 1; id <= kept + 10; id++) write(ring, call(id))
  const after = performance.timeOrigin + performance.now()
  const times = readRing(memory).map(({ at }) => at)
  assert.equal(
    times,
    times.toSorted((a, b) => a - b),
  )
  assert.ok(times.every((at) => at >= before && at <= after))
})

test('when payloads fill their room, the newest are whole and the oldest are gone, never another’s', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(2 * largestPayload), { minLength: 1, maxLength: 120, size: 'max' }),
      (sizes) => {
        const memory = ringMemory(true)
        const ring = new RingWriter(memory)
        const payloads = sizes.map((size, n) => [n, new Uint8Array(size).fill(n)])
        for (const [n, payload] of payloads.entries()) write(ring, call(n + 1, payload))
        const entries = readRing(memory)
        assert.is(entries.length, sizes.length)
        for (const [n, entry] of entries.entries())
          if (entry.payload !== undefined) assert.equal(entry.payload, payloads[n])
        // Each takes a few bytes more than its array; where one is skipped at the end of the room, as much goes unused.
        const few = 64
        let room = payloadRoom - largestPayload
        for (const [n, size] of [...sizes.entries()].toReversed()) {
          if (size > largestPayload)
            assert.is(entries[n]?.payload, undefined, 'one that is too large is not kept')
          if (size > largestPayload) continue
          room -= size + few
          if (room < 0) break
          if (size + few <= largestPayload)
            assert.equal(entries[n]?.payload, payloads[n], 'there is room for it')
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a payload that cannot be kept leaves its message and the others as they are', () => {
  const memory = ringMemory(true)
  const ring = new RingWriter(memory)
  write(ring, call(1, ['before']))
  write(ring, call(2, [() => 'a function']))
  write(ring, call(3, ['after']))
  assert.equal(withoutTimes(readRing(memory)), [call(1, ['before']), call(2), call(3, ['after'])])
})

test('when the room for names ends, further names are unknown and the first ones stay', () => {
  const memory = ringMemory(false)
  const ring = new RingWriter(memory)
  const names = Array.from({ length: 200 }, (_, n) => `${n} ${'x'.repeat(100)}`)
  for (const name of names) ring.record('call', 'front', name, 1, 0)
  const read = readRing(memory).map(({ name }) => name)
  const known = read.indexOf('?')
  assert.ok(known > 50)
  assert.equal(read, [...names.slice(0, known), ...Array<string>(names.length - known).fill('?')])
})

test('a ring of a writer that is still at it is never read half old and half new', async () => {
  const memory = ringMemory(true)
  const worker = new Worker(new URL('./fixtures/busy-writer.ts', import.meta.url), { workerData: memory })
  await new Promise((resolve) => worker.once('message', resolve))
  for (let round = 0; round < 300; round++) {
    const entries = readRing(memory)
    for (const [n, { id, name, bytes, payload }] of entries.entries()) {
      assert.is(id, (entries[0]?.id ?? 0) + n)
      assert.equal({ name, bytes }, { name: `message ${id % 7}`, bytes: id })
      if (payload !== undefined) assert.equal(payload, [id, 'x'.repeat(id % 900)])
    }
    // Ended at an instant of its own choosing; what is there then must be whole as well.
    if (round === 290) await worker.terminate()
  }
})

test.run()
