import { once } from 'node:events'
import sodium from 'sodium-native'
import { uuidv7 } from 'uuidv7'
import { WebSocket } from 'ws'
import {
  controlProtocol,
  httpRoutes,
  type ControlMethod,
  type ControlParams,
  type ControlResult,
  type LoginGrant,
  type Sequenced,
  type ServerFrame,
} from '../../../shared/control.ts'
import { encodeEnvelope, signedBytes } from '../../../shared/envelope.ts'
import { makeDevice, register, type Device } from '../../server/control-client.ts'

/** As long as a usual message. */
const words = 'A sentence or two, which is as much as most people write into a chat at a time.'

/** A control socket that reads every frame, keeps none and checks none: the server is measured, not its clients. */
export class LoadClient {
  /** Told each message of a `confirmed` event. */
  confirmed: (message: Sequenced) => void = () => {}
  readonly #device: Device
  readonly #grant: LoginGrant
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (frame: Extract<ServerFrame, { type: 'reply' }>) => void>()
  #nextId = 1
  #lamport = 0
  #said: string | undefined

  private constructor(device: Device, grant: LoginGrant, socket: WebSocket) {
    this.#device = device
    this.#grant = grant
    this.#socket = socket
  }

  static async register(url: string, name: string): Promise<LoadClient> {
    const device = makeDevice()
    const grant = await register(url, name, device)
    return LoadClient.#connect(url, device, grant)
  }

  static async #connect(url: string, device: Device, grant: LoginGrant): Promise<LoadClient> {
    const socket = new WebSocket(url.replace('http', 'ws') + httpRoutes.control, { perMessageDeflate: false })
    await once(socket, 'open')
    const client = new LoadClient(device, grant, socket)
    const welcome = once(socket, 'message')
    socket.send(JSON.stringify({ type: 'hello', protocol: controlProtocol, token: grant.accessToken }))
    await welcome
    socket.on('message', (data: Buffer) => client.#receive(JSON.parse(data.toString()) as ServerFrame))
    return client
  }

  /** Connects anew, as the same account on the same device. */
  again(url: string): Promise<LoadClient> {
    return LoadClient.#connect(url, this.#device, this.#grant)
  }

  /** The next message, signed: it answers the one before. In base64. */
  sign(channel: string): string {
    const id = uuidv7()
    const unsigned = {
      ...{ v: 1 as const, id, author: this.#grant.account.id, key: this.#device.publicKey, channel },
      ...{ text: words, attachments: [], blocks: [], lamport: ++this.#lamport, at: Date.now() },
      deps: this.#said === undefined ? [] : [this.#said],
    }
    const sig = Buffer.alloc(sodium.crypto_sign_BYTES)
    sodium.crypto_sign_detached(sig, Buffer.from(signedBytes(unsigned)), this.#device.secretKey)
    this.#said = id
    return Buffer.from(encodeEnvelope({ ...unsigned, sig })).toString('base64')
  }

  async request<M extends ControlMethod>(method: M, params: ControlParams<M>): Promise<ControlResult<M>> {
    const id = this.#nextId++
    const reply = await new Promise<Extract<ServerFrame, { type: 'reply' }>>((resolve) => {
      this.#waiting.set(id, resolve)
      this.#socket.send(JSON.stringify({ type: 'request', id, method, params }))
    })
    if (!reply.ok) throw new Error(`${method}: ${reply.error.message}`)
    return reply.result as ControlResult<M>
  }

  close(): void {
    this.#socket.terminate()
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'reply') {
      this.#waiting.get(frame.id)?.(frame)
      this.#waiting.delete(frame.id)
    } else if (frame.type === 'event' && frame.event === 'confirmed') {
      for (const message of frame.data as Sequenced[]) this.confirmed(message)
    } else if (frame.type === 'goodbye' && frame.error.code !== 'stopping') {
      throw new Error(`the server let a client go: ${frame.error.message}`)
    } else if (frame.type === 'event' && frame.event === 'lagging') throw new Error('a client lags')
  }
}
