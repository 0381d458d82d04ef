import { Chat } from '../../actors/chat/chat.ts'
import type { chatContract } from '../../actors/chat/contract.ts'
import { HeldRanges } from '../../actors/chat/held-ranges.ts'
import { migrations } from '../../actors/chat/layout.ts'
import { MessageLog } from '../../actors/chat/message-log.ts'
import { cryptoContract } from '../../actors/crypto/contract.ts'
import type { Account } from '../../shared/account.ts'
import type { MessageView } from '../../shared/bridge.ts'
import { isSignedBy } from '../../shared/signature.ts'
import type { ActorContext } from '../../supervisor/runtime/actor-side.ts'
import type { Author } from '../support/author.ts'
import { Databases } from './databases.ts'
import { FakeRef } from './fake-ref.ts'
import { SimLink } from './sim-link.ts'
import { SimP2p } from './sim-p2p.ts'
import type { SimServer } from './sim-server.ts'
import type { Life, VirtualTime } from './virtual-time.ts'
import type { Wires } from './wires.ts'

const databases = new Databases(migrations)

export interface SimDeviceInit {
  time: VirtualTime
  wires: Wires
  server: SimServer
  account: Account
  author: Author
  /** Whether it never sees that its log and the server's differ: a bug to be found. */
  blind: boolean
  /** What the window is told. */
  shown(views: readonly MessageView[]): void
}

/** One person's desktop: the real chat on a real database, between actors that are as real as a schedule can bear. */
export class SimDevice {
  readonly account: Account
  readonly link: SimLink
  readonly p2p: SimP2p
  readonly #disk = databases.take()
  readonly database = this.#disk.database
  readonly #init: SimDeviceInit
  /** A look from outside. */
  readonly #log: MessageLog
  #running: { chat: Chat; life: Life } | undefined
  #incarnation = 0

  constructor(init: SimDeviceInit) {
    const { account, author } = init
    this.#init = init
    this.account = account
    this.#log = new MessageLog(this.database, account, new HeldRanges(this.database))
    this.link = new SimLink({
      ...init,
      ...(init.blind ? { digestAt: (channel, seq) => this.#log.digestAt(channel, seq) } : {}),
    })
    this.p2p = new SimP2p({ ...init, name: account.name, peer: peerOf(author.key) })
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  async start(): Promise<void> {
    if (this.#running) return
    const life = { ended: false }
    await this.#init.time.run(life, () => {
      const chat = new Chat(this.#context(life), this.database)
      this.#running = { chat, life }
      chat.start()
    })
  }

  /** What was between two awaits goes no further; what is on the disk stays. */
  crash(): void {
    if (!this.#running) return
    this.#running.life.ended = true
    this.#running = undefined
  }

  /** Calls chat as the window does; does nothing while it is down. @param work is told nothing of a failure */
  async ask(work: (api: Chat['api']) => Promise<unknown>): Promise<void> {
    if (!this.#running) return
    const { chat, life } = this.#running
    await this.#init.time.run(life, () => {
      work(chat.api).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error)) throw error
      })
    })
  }

  /** How a message is now. */
  view(id: string): MessageView | undefined {
    return this.#log.view(id)
  }

  close(): void {
    this.crash()
    this.#disk.release()
  }

  #context(life: Life): ActorContext<typeof chatContract> {
    const { account, author, server } = this.#init
    const handles = new Map<string, unknown>([
      ['crypto', this.#crypto(life).ref],
      ['link', this.link.handleFor(life).ref],
      ['p2p', this.p2p.handleFor(life).ref],
    ])
    const context: Omit<ActorContext<typeof chatContract>, 'call' | 'link'> = {
      ...{ name: 'chat', incarnation: ++this.#incarnation },
      init: { folder: '', account, publicKey: author.key, server: server.id },
      emit: (event, data) => {
        // The type of an event's data follows from its name.
        if (event === 'messages') this.#init.shown(data as MessageView[])
      },
      watchThreads: () => {},
    }
    // A handle under each name is one on the actor of that name; no method of chat asks who calls it.
    return {
      ...context,
      link: ({ name }: { name: string }) => handles.get(name),
    } as unknown as ActorContext<typeof chatContract>
  }

  #crypto(life: Life): FakeRef<typeof cryptoContract> {
    const { wires, author, account } = this.#init
    const soon = <T>(what: string, work: () => T): Promise<T> =>
      new Promise((resolve) =>
        wires.send({ to: life, what: `${what} of ${account.name}`, arrive: () => resolve(work()) }),
      )
    return new FakeRef<typeof cryptoContract>('crypto', () => ({
      sign: (bytes) => soon('a signature', () => author.signBytes(bytes)),
      verifyAll: (page) => soon('verification', () => page.map(isSignedBy)),
    }))
  }
}

/** A peer id has 40 to 64 letters of base58. */
function peerOf(key: Uint8Array): string {
  const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  return `12D3KooW${[...key.subarray(0, 40), ...key].map((byte) => letters[byte % 58] ?? '').join('')}`.slice(
    0,
    52,
  )
}
