import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import type { MessageEnvelope } from '../../shared/envelope.ts'
import { errorCode } from '../../shared/errors.ts'
import { emptyLogDigest, nextLogDigest } from '../../shared/log-digest.ts'
import { startServerProgram, type ServerProgram } from '../support/server-program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { Client, base64, makeDevice, register, type Device } from './control-client.ts'
import { sleep } from './test-server.ts'
import type { ControlResult, LoginGrant } from '../../shared/control.ts'

/** Submitted, and the place that was answered for, if there was an answer. */
interface Said {
  message: MessageEnvelope
  place: ControlResult<'message.submit'> | undefined
}

/** Somebody who keeps so many messages under way, over every life of the server. */
class Writer {
  readonly said: Said[] = []
  readonly #device: Device
  readonly #grant: LoginGrant
  #client: Client
  #over = false
  /** Told each answer. */
  answered: () => void = () => {}

  constructor(device: Device, grant: LoginGrant, client: Client) {
    this.#device = device
    this.#grant = grant
    this.#client = client
  }

  get client(): Client {
    return this.#client
  }

  /** Submits until the server is gone or `stop` was called. What has no answer is submitted again first. */
  async write(channel: string, inFlight: number): Promise<void> {
    this.#over = false
    const open = this.said.filter(({ place }) => place === undefined)
    await Promise.all(open.map((said) => this.#submit(said)))
    await Promise.all(Array.from({ length: inFlight }, () => this.#keepWriting(channel)))
  }

  stop(): void {
    this.#over = true
  }

  async reconnect(url: string): Promise<void> {
    const { lamport } = this.#client
    this.#client = await Client.connect(url, this.#device, this.#grant)
    this.#client.lamport = lamport
  }

  async #keepWriting(channel: string): Promise<void> {
    while (!this.#over) {
      const said: Said = { message: this.#client.message(channel), place: undefined }
      this.said.push(said)
      await this.#submit(said)
    }
  }

  async #submit(said: Said): Promise<void> {
    try {
      said.place = await this.#client.submit(said.message)
      this.answered()
    } catch (error) {
      if (errorCode(error) !== 'closed') throw error
      this.#over = true
    }
  }
}

/**
 * A server in a process of its own, ended by SIGKILL again and again while three people have 48 messages under way, so
 * that it is in the middle of a commit more often than not.
 * @throws AssertionError when an answer was not kept, or the log is not what it has to be
 * @returns how many messages are in the log
 */
export async function killInMidCommit(kills: number): Promise<number> {
  const folder = temporaryFolder()
  let server: ServerProgram = await startServerProgram(folder.path)
  try {
    const writers: Writer[] = []
    for (const name of ['ann', 'ben', 'cleo']) {
      const device = makeDevice()
      const grant = await register(server.url, name, device)
      writers.push(new Writer(device, grant, await Client.connect(server.url, device, grant)))
    }
    const [host] = writers
    if (!host) throw new Error('nobody')
    const { id: channel } = await host.client.create(`c${uuidv7()}`)
    for (const { client } of writers) await client.join(channel)

    for (let n = 0; n < kills; n++) {
      // Others are under way at each answer, so it dies between two commits or in one.
      let answers = Math.ceil(Math.random() * 400)
      for (const writer of writers) {
        writer.answered = () => {
          if (--answers === 0) server.process.kill('SIGKILL')
        }
      }
      await Promise.all(writers.map((writer) => writer.write(channel, 16)))
      server = await startServerProgram(folder.path)
      for (const writer of writers) await writer.reconnect(server.url)
    }
    const writing = writers.map((writer) => writer.write(channel, 16))
    await sleep(50)
    for (const writer of writers) writer.stop()
    await Promise.all(writing)

    const log = await host.client.log(channel)
    judge(log, writers)
    for (const { client } of writers) await client.close()
    return log.length
  } finally {
    await server.stop()
    folder.remove()
  }
}

function judge(log: Awaited<ReturnType<Client['log']>>, writers: readonly Writer[]): void {
  const said = writers.flatMap((writer) => writer.said)
  assert.equal(
    log.map(({ seq }) => seq),
    log.map((_, index) => index + 1),
    'seqs without a gap',
  )
  let digest: Uint8Array = emptyLogDigest
  for (const message of log) {
    digest = nextLogDigest(digest, Buffer.from(message.envelope, 'base64'))
    assert.is(message.digest, Buffer.from(digest).toString('base64'), `the digest at ${message.seq}`)
  }
  assert.is(new Set(log.map(({ envelope }) => envelope)).size, log.length, 'nothing twice')
  for (const { message, place } of said) {
    assert.ok(place, 'all was answered for in the end')
    const there = log[place.seq - 1]
    assert.is(there?.envelope, base64(message), `what was acknowledged at ${place.seq} is there`)
    assert.is(there?.digest, place.digest)
  }
  assert.is(said.length, log.length, 'what is there was said')
}
