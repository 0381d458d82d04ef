import sodium from 'sodium-native'
import { uuidv7 } from 'uuidv7'
import { WebSocket } from 'ws'
import type { Account } from '../../shared/account.ts'
import type { Channel } from '../../shared/channel.ts'
import {
  controlProtocol,
  httpRoutes,
  serverFrames,
  type ControlEvent,
  type ControlEventData,
  type ControlMethod,
  type ControlParams,
  type ControlResult,
  type LoginGrant,
  type Sequenced,
  type ServerFrame,
  type Welcome,
  type WireError,
} from '../../shared/control.ts'
import {
  encodeEnvelope,
  signedBytes,
  type MessageEnvelope,
  type UnsignedEnvelope,
} from '../../shared/envelope.ts'
import { UnitedError } from '../../shared/errors.ts'
import { eventually } from '../support/eventually.ts'

/** A key pair of a device, and the secret that stands for a password. */
export interface Device {
  publicKey: Buffer
  secretKey: Buffer
  key: string
  secret: string
}

export function makeDevice(secret: Buffer = random(32)): Device {
  const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES)
  const secretKey = Buffer.alloc(sodium.crypto_sign_SECRETKEYBYTES)
  sodium.crypto_sign_keypair(publicKey, secretKey)
  return { publicKey, secretKey, key: publicKey.toString('base64'), secret: secret.toString('base64') }
}

function random(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  sodium.randombytes_buf(bytes)
  return bytes
}

export interface HttpAnswer {
  status: number
  body: unknown
}

export async function post(url: string, body: unknown): Promise<HttpAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

export function sign(device: Device, unsigned: UnsignedEnvelope): MessageEnvelope {
  const sig = Buffer.alloc(sodium.crypto_sign_BYTES)
  sodium.crypto_sign_detached(sig, Buffer.from(signedBytes(unsigned)), device.secretKey)
  return { ...unsigned, sig }
}

export function base64(envelope: MessageEnvelope): string {
  return Buffer.from(encodeEnvelope(envelope)).toString('base64')
}

type Reply = Extract<ServerFrame, { type: 'reply' }>

/** A control socket as a client holds it, and a record of all that came over it. */
export class ControlSocket {
  readonly socket: WebSocket
  readonly frames: ServerFrame[] = []
  closeCode: number | undefined
  readonly #waiting = new Map<number, (reply: Reply | undefined) => void>()
  #nextId = 1

  constructor(url: string) {
    this.socket = new WebSocket(url.replace('http', 'ws') + httpRoutes.control)
    this.socket.on('message', (data: Buffer) => {
      const frame = serverFrames.check(JSON.parse(data.toString())) as ServerFrame
      this.frames.push(frame)
      if (frame.type === 'reply') this.#waiting.get(frame.id)?.(frame)
    })
    this.socket.on('close', (code) => {
      this.closeCode = code
      for (const settle of this.#waiting.values()) settle(undefined)
    })
    this.socket.on('error', () => (this.closeCode ??= -1))
  }

  async opened(): Promise<this> {
    await eventually('the socket is open', () => this.socket.readyState === WebSocket.OPEN)
    return this
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  async hello(token: string): Promise<Welcome> {
    this.send({ type: 'hello', protocol: controlProtocol, token })
    const [first] = await eventually('an answer to hello', () => this.frames.length > 0 && this.frames)
    if (first?.type === 'goodbye') throw new UnitedError(first.error.code, first.error.message)
    if (first?.type !== 'welcome') throw new Error(`the first frame is ${first?.type}`)
    return first
  }

  /** @throws UnitedError as the server worded it */
  async ask(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++
    const reply = await new Promise<Reply | undefined>((resolve) => {
      this.#waiting.set(id, resolve)
      this.send({ type: 'request', id, method, params })
    })
    this.#waiting.delete(id)
    if (!reply) throw new UnitedError('closed', `closed with ${this.closeCode} before the reply`)
    if (reply.ok) return reply.result
    throw new UnitedError(reply.error.code, reply.error.message, { details: reply.error.details ?? {} })
  }

  request<M extends ControlMethod>(method: M, params: ControlParams<M>): Promise<ControlResult<M>> {
    return this.ask(method, params) as Promise<ControlResult<M>>
  }

  events<E extends ControlEvent>(event: E): ControlEventData<E>[] {
    return this.frames.flatMap((frame) =>
      frame.type === 'event' && frame.event === event ? [frame.data as ControlEventData<E>] : [],
    )
  }

  /** Messages of a channel in the order in which they were told. */
  confirmed(channel: string): Sequenced[] {
    return this.events('confirmed')
      .flat()
      .filter((message) => message.channel === channel)
  }

  /** The error of the last words, once the socket is closed. */
  async goodbye(): Promise<{ error: WireError | undefined; code: number }> {
    const code = await eventually('the socket is closed', () => this.closeCode)
    const last = this.frames.findLast((frame) => frame.type === 'goodbye')
    return { error: last?.error, code }
  }

  async close(): Promise<void> {
    this.socket.close()
    await eventually('the socket is closed', () => this.closeCode)
  }
}

/** Somebody with an account and a control socket. */
export class Client {
  readonly device: Device
  readonly grant: LoginGrant
  readonly socket: ControlSocket
  readonly welcome: Welcome
  lamport = 0

  constructor(device: Device, grant: LoginGrant, socket: ControlSocket, welcome: Welcome) {
    this.device = device
    this.grant = grant
    this.socket = socket
    this.welcome = welcome
  }

  static async register(url: string, name: string): Promise<Client> {
    const device = makeDevice()
    return Client.connect(url, device, await register(url, name, device))
  }

  static async connect(url: string, device: Device, grant: LoginGrant): Promise<Client> {
    const socket = await new ControlSocket(url).opened()
    return new Client(device, grant, socket, await socket.hello(grant.accessToken))
  }

  get account(): Account {
    return this.grant.account
  }

  create(name: string): Promise<Channel> {
    return this.socket.request('channel.create', { name, topic: '' })
  }

  join(channel: string): Promise<Channel> {
    return this.socket.request('channel.join', { channel })
  }

  unsigned(channel: string, fields: Partial<UnsignedEnvelope> = {}): UnsignedEnvelope {
    return {
      v: 1,
      id: uuidv7(),
      author: this.account.id,
      key: this.device.publicKey,
      channel,
      text: 'hello',
      attachments: [],
      blocks: [],
      lamport: ++this.lamport,
      deps: [],
      at: Date.now(),
      ...fields,
    }
  }

  message(channel: string, fields: Partial<UnsignedEnvelope> = {}): MessageEnvelope {
    return sign(this.device, this.unsigned(channel, fields))
  }

  submit(envelope: MessageEnvelope): Promise<ControlResult<'message.submit'>> {
    return this.socket.request('message.submit', { envelope: base64(envelope) })
  }

  /** The whole log of a channel, page by page. */
  async log(channel: string): Promise<Sequenced[]> {
    const all: Sequenced[] = []
    for (;;) {
      const after: number = all.at(-1)?.seq ?? 0
      const { messages, head } = await this.socket.request('message.history', { channel, after, limit: 200 })
      all.push(...messages)
      if ((all.at(-1)?.seq ?? 0) >= head) return all
    }
  }

  close(): Promise<void> {
    return this.socket.close()
  }
}

/** @throws UnitedError as the server worded it */
export async function register(url: string, name: string, device: Device): Promise<LoginGrant> {
  const answer = await post(url + httpRoutes.register, { name, secret: device.secret, key: device.key })
  if (answer.status === 200) return answer.body as LoginGrant
  const { code, message } = answer.body as WireError
  throw new UnitedError(code, message)
}

/** What was said and where it stands, without what the server adds about the log. */
export function asSaid({
  channel,
  seq,
  envelope,
}: Sequenced): Pick<Sequenced, 'channel' | 'seq' | 'envelope'> {
  return { channel, seq, envelope }
}
