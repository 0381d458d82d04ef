import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serialize } from 'node:v8'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readRecording, writeRecording, type Recording } from '../../../../supervisor/runtime/index.ts'
import { rejection } from '../../../support/rejection.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const at = 1_700_000_000_000.25
const recording: Recording = {
  actor: 'account',
  incarnation: 3,
  death: 'the balance is -1',
  entries: [
    {
      at,
      kind: 'call',
      caller: 'front',
      name: 'keep',
      id: 1,
      bytes: 8,
      payload: [new Uint8Array([0, 1, 255])],
    },
    {
      at,
      kind: 'call',
      caller: 'front',
      name: 'keep',
      id: 2,
      bytes: 8,
      payload: [new Map([['ä', 2n ** 70n]])],
    },
    { at, kind: 'call', caller: 'front', name: 'keep', id: 3, bytes: 8, payload: [undefined, null, NaN, -0] },
    { at, kind: 'send', caller: 'front', name: 'keep', id: 4, bytes: 8, payload: [new Set([new Date(5)])] },
    { at, kind: 'call', caller: 'front', name: 'release', id: 5, bytes: 0, payload: [] },
    { at, kind: 'call', caller: 'front', name: 'sign', id: 6, bytes: 2 ** 31 },
    { at, kind: 'reply', caller: 'front', name: 'keep', id: 1, bytes: 0 },
    { at, kind: 'error', caller: 'front', name: 'keep', id: 2, bytes: 0 },
    { at, kind: 'event', caller: 'supervisor', name: 'signed', id: 0, bytes: 20 },
    { at, kind: 'refused', caller: 'front', name: 'sign', id: 6, bytes: 0 },
    { at, kind: 'cancel', caller: 'front', name: 'keep', id: 3, bytes: 0 },
  ],
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder()
  try {
    await body(folder.path)
  } finally {
    folder.remove()
  }
}

test('what is read of a file is what was written, payloads with all that JSON does not know', () =>
  inFolder(async (folder) => {
    assert.equal(await readRecording(await writeRecording(folder, recording)), recording)
    const alive: Recording = { ...recording, death: null, entries: [] }
    assert.equal(await readRecording(await writeRecording(folder, alive)), alive)
  }))

test('a recording is for its owner alone to read, in a folder that is as well', () =>
  inFolder(async (parent) => {
    const folder = join(parent, 'new', 'recordings')
    const path = await writeRecording(folder, recording)
    assert.is((await stat(path)).mode & 0o777, 0o600)
    assert.is((await stat(folder)).mode & 0o777, 0o700)
  }))

test('the oldest beyond those to keep are removed, and nothing that is no recording', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, '0000.txt'), 'not ours')
    const paths: string[] = []
    for (let incarnation = 1; incarnation <= 6; incarnation++) {
      paths.push(await writeRecording(folder, { ...recording, incarnation }, 3))
      // Their names have the time in ms.
      await sleep(2)
    }
    assert.equal((await readdir(folder)).toSorted(), [
      '0000.txt',
      ...paths.slice(-3).map((path) => basename(path)),
    ])
    assert.is((await readRecording(paths.at(-1) ?? '')).incarnation, 6)
    await writeRecording(folder, recording, 0)
    assert.equal(await readdir(folder), ['0000.txt'])
  }))

test('an actor whose name no file could have is written all the same', () =>
  inFolder(async (folder) => {
    for (const actor of ['../account', 'a/b', 'ä:*?']) {
      const path = await writeRecording(folder, { ...recording, actor })
      assert.is(join(folder, basename(path)), path)
      assert.is((await readRecording(path)).actor, actor)
    }
  }))

const [entry] = recording.entries
const torn = serialize([new Uint8Array(100)])
  .subarray(0, 20)
  .toString('base64')
const rubbish: Record<string, unknown> = {
  'a list': [],
  null: null,
  'a number': 5,
  'without an actor': { ...recording, actor: undefined },
  'without a life': { ...recording, incarnation: '3' },
  'without messages': { ...recording, entries: undefined },
  'with messages that are no list': { ...recording, entries: { length: 1 } },
  'without a death': { ...recording, death: undefined },
  'with a death that is no text': { ...recording, death: 5 },
  'with a message that is null': { ...recording, entries: [null] },
  'with a message that is text': { ...recording, entries: ['call'] },
  'with a message of no kind': { ...recording, entries: [{ ...entry, kind: 'shout', payload: undefined }] },
  'with a message of nobody': { ...recording, entries: [{ ...entry, caller: 1, payload: undefined }] },
  'with a message without a name': {
    ...recording,
    entries: [{ ...entry, name: undefined, payload: undefined }],
  },
  'with a message without a time': { ...recording, entries: [{ ...entry, at: 'now', payload: undefined }] },
  'with a message without an id': { ...recording, entries: [{ ...entry, id: null, payload: undefined }] },
  'with a message without a size': { ...recording, entries: [{ ...entry, bytes: '8', payload: undefined }] },
  'with arguments that are no text': { ...recording, entries: [{ ...entry, payload: [1, 2] }] },
  'with arguments that are no base64': { ...recording, entries: [{ ...entry, payload: '%%%' }] },
  'with arguments that are not serialized': { ...recording, entries: [{ ...entry, payload: 'aGVsbG8=' }] },
  'with arguments that are cut off': { ...recording, entries: [{ ...entry, payload: torn }] },
}

for (const [what, value] of Object.entries(rubbish)) {
  test(`rubbish is refused: ${what}`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'rubbish.recording.json')
      await writeFile(path, JSON.stringify(value))
      const error = await rejection(readRecording(path))
      assert.is(error.code, 'no-recording')
      assert.match(error.message, path)
    }))
}

test('rubbish is refused: no JSON, half a file, nothing, a folder, no file at all', () =>
  inFolder(async (folder) => {
    const whole = await readFile(await writeRecording(folder, recording))
    for (const text of ['', 'hello', whole.subarray(0, whole.length / 2), new Uint8Array(100)]) {
      const path = join(folder, 'rubbish.json')
      await writeFile(path, text)
      assert.is((await rejection(readRecording(path))).code, 'no-recording')
    }
    assert.is((await rejection(readRecording(folder))).code, 'no-recording')
    assert.is((await rejection(readRecording(join(folder, 'missing')))).code, 'no-recording')
  }))

test.run()
