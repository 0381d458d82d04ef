import { readdirSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeEnvelope } from '../../shared/envelope.ts'
import { errorCode } from '../../shared/errors.ts'
import { nextLogDigest } from '../../shared/log-digest.ts'
import { decodePeerAnswer, decodePeerQuestion } from '../../shared/peer-questions.ts'
import { fileOf, read, readable, vectors } from './generate.ts'
import { clientOf, serverOf } from './readers.ts'

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => errorCode(error) ?? error,
  )

test('each file says what it holds', () => {
  for (const name of readdirSync(fileOf('.')).filter((file) => file.endsWith('.json'))) {
    const { description } = read(name) as { description?: unknown }
    assert.type(description, 'string', name)
  }
})

for (const [name, content] of Object.entries(vectors)) {
  test(`${name} is today as it was released`, () => {
    assert.equal(read(name), content)
  })
}

test('the digests of a log follow from its envelopes alone', () => {
  const { empty, messages } = vectors['log-digest-v1.json']
  let digest: Uint8Array = bytesOf(empty)
  for (const message of messages) {
    const envelope = bytesOf(message.envelope)
    decodeEnvelope(envelope)
    digest = nextLogDigest(digest, envelope)
    assert.is(Buffer.from(digest).toString('base64'), message.digest)
  }
})

const { envelopes, ...known } = vectors['refused-v1.json']
for (const { name, envelope, zeroBytes, client, server } of envelopes) {
  const bytes = envelope === undefined ? new Uint8Array(zeroBytes ?? 0) : bytesOf(envelope)
  test(`a client judges right: ${name}`, async () => {
    const { take, close } = clientOf(known)
    assert.is(await codeOf(take(bytes)), client)
    close()
  })
  test(`a server judges right: ${name}`, async () => {
    const { take, close } = serverOf(known)
    assert.is(await codeOf(take(bytes)), server)
    close()
  })
}

const { questions, answers, refused } = vectors['peer-questions-v1.json']
for (const { name, question, bytes } of questions) {
  test(`a question of peers is read: ${name}`, () => {
    assert.equal(readable(decodePeerQuestion(bytesOf(bytes))), question)
  })
}
for (const { name, ask, answer, bytes } of answers) {
  test(`an answer of peers is read: ${name}`, () => {
    assert.equal(readable(decodePeerAnswer(ask, bytesOf(bytes))), answer)
  })
}
for (const { name, bytes } of refused) {
  test(`a question of peers is refused: ${name}`, async () => {
    assert.is(await codeOf(Promise.try(() => decodePeerQuestion(bytesOf(bytes)))), 'malformed')
  })
}

test.run()
