import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import { chatContract } from '../../actors/chat/contract.ts'
import { p2pContract } from '../../actors/p2p/contract.ts'
import type { ChannelView, MessageView } from '../../shared/bridge.ts'
import { startServer } from '../../server/server.ts'
import { Desktop } from '../../supervisor/desktop.ts'
import type { ActorRef, Supervisor } from '../../supervisor/runtime/index.ts'
import { localServer } from '../../supervisor/server-process.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A signed-in desktop without a window, for tests and benches. */
export class Person {
  readonly desktop: Desktop
  readonly chat: ActorRef<typeof chatContract>
  readonly p2p: ActorRef<typeof p2pContract>
  /** Every message as it was last shown, by id. */
  readonly shown = new Map<string, MessageView>()

  constructor(desktop: Desktop) {
    this.desktop = desktop
    this.chat = desktop.supervisor.ref(chatContract)
    this.p2p = desktop.supervisor.ref(p2pContract)
    this.chat.on('message', (view) => this.shown.set(view.id, view))
  }

  /** Sends `text` and answers its id. */
  async say(channel: string, text: string): Promise<string> {
    const id = uuidv7()
    await this.chat.call.send({ id, channel, text })
    return id
  }

  async texts(channel: string): Promise<string[]> {
    const { messages } = await this.chat.call.page({ channel, limit: 200 })
    return messages.map(({ text }) => text)
  }

  async confirmed(channel: string, count: number): Promise<MessageView[]> {
    return eventually(`${count} confirmed messages`, async () => {
      const { messages } = await this.chat.call.page({ channel, limit: 200 })
      return messages.filter(({ seq }) => seq !== null).length === count && messages
    })
  }
}

export interface World {
  serverUrl: string
  /** The server's tree, where it runs in this process. */
  server: Supervisor | undefined
  dataFolder: string
  /** Registers `name` on a desktop of its own. */
  join(name: string): Promise<Person>
  /** Everyone in one new channel, connected directly with each other. */
  meet(people: readonly Person[]): Promise<ChannelView>
  stop(): Promise<void>
}

/** A server and as many desktops as asked for, all real, in folders of their own. */
export async function startWorld({ serverProcess = false } = {}): Promise<World> {
  const folder = temporaryFolder()
  const server = serverProcess
    ? await localServer(0, folder.path)
    : await startServer({ host: '127.0.0.1', port: 0, dataFolder: join(folder.path, 'server') })
  const desktops: Desktop[] = []
  return {
    serverUrl: server.url,
    server: 'supervisor' in server ? server.supervisor : undefined,
    dataFolder: folder.path,
    async join(name) {
      const desktop = new Desktop({ dataFolder: folder.path, profile: name, server: server.url })
      desktops.push(desktop)
      await desktop.start()
      await desktop.session.register(name, `the password of ${name}`)
      return new Person(desktop)
    },
    async meet([host, ...guests]) {
      if (!host) throw new Error('nobody to meet')
      const channel = await eventually('a channel', () => create(host))
      for (const guest of guests) {
        await eventually('joined', () => guest.chat.call.joinChannel(channel.id).catch(notWhileOffline))
      }
      for (const person of [host, ...guests]) {
        await eventually('direct connections', async () => {
          const connections = await person.p2p.call.connections()
          return connections.filter(({ direct }) => direct).length === guests.length
        })
      }
      return channel
    },
    async stop() {
      await Promise.all(desktops.map((desktop) => desktop.stop()))
      await server.stop()
      folder.remove()
    },
  }
}

function create(host: Person): Promise<ChannelView | undefined> {
  return host.chat.call.createChannel({ name: `c${uuidv7()}`, topic: '' }).catch(notWhileOffline)
}

/** The control socket opens a moment after signing in. */
function notWhileOffline(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'offline') return undefined
  throw error
}
