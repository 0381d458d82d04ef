import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import { chatContract } from '../../actors/chat/contract.ts'
import { linkContract } from '../../actors/link/contract.ts'
import { p2pContract } from '../../actors/p2p/contract.ts'
import type { ChannelView, MessageView } from '../../shared/bridge.ts'
import type { Welcome } from '../../shared/control.ts'
import { limits } from '../../shared/limits.ts'
import { startServer } from '../../server/server.ts'
import { Desktop, type DesktopInit } from '../../supervisor/desktop.ts'
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
    this.chat.on('messages', (views) => {
      for (const view of views) this.shown.set(view.id, view)
    })
  }

  /** Sends `text` and answers its id. */
  async say(channel: string, text: string): Promise<string> {
    const id = uuidv7()
    await this.chat.call.send({ id, channel, text })
    return id
  }

  /** All of a channel that is on this desktop, in shown order. */
  async log(channel: string): Promise<MessageView[]> {
    const all: MessageView[] = []
    const view = (await this.chat.call.channels()).find(({ id }) => id === channel)
    for (let from = 1; from <= (view?.head ?? 0); from += limits.historyPage)
      all.push(...(await this.chat.call.range({ channel, from, to: from + limits.historyPage - 1 })))
    return [...all, ...(await this.chat.call.pending(channel))]
  }

  async texts(channel: string): Promise<string[]> {
    return (await this.log(channel)).map(({ text }) => text)
  }

  /** What the server said on connecting, once it has. */
  online(): Promise<Welcome> {
    const link = this.desktop.supervisor.ref(linkContract)
    return eventually('the server has said welcome', async () => (await link.call.snapshot()) ?? undefined)
  }

  /** The peer id under which others can dial this desktop, once they can. */
  reachableAs(): Promise<string> {
    return eventually('others can dial', async () => (await this.p2p.call.reachableAs()) ?? undefined)
  }

  /** Resolves when this many peers are connected directly. */
  async direct(peers: number): Promise<void> {
    await eventually(`${peers} direct connections`, async () => {
      const connections = await this.p2p.call.connections()
      return connections.filter(({ direct }) => direct).length === peers
    })
  }

  async confirmed(channel: string, count: number, withinMs?: number): Promise<MessageView[]> {
    const all = async () => {
      const messages = await this.log(channel)
      return messages.filter(({ seq }) => seq !== null).length === count && messages
    }
    return eventually(`${count} confirmed messages`, all, withinMs)
  }
}

/** A desktop of `name`'s own, registered and signed in. */
export async function startPerson(init: {
  server: string
  dataFolder: string
  name: string
  supervision?: DesktopInit['supervision']
  lan?: boolean
}): Promise<Person> {
  const { server, dataFolder, name, supervision, lan = true } = init
  const desktop = new Desktop({
    dataFolder,
    profile: name,
    server,
    lan,
    ...(supervision ? { supervision } : {}),
  })
  await desktop.start()
  await desktop.session.register(name, `the password of ${name}`)
  return new Person(desktop)
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
  stopServer(): Promise<void>
  stop(): Promise<void>
}

/** A server and as many desktops as asked for, all real, in folders of their own. */
export async function startWorld(
  init: { serverProcess?: boolean; supervision?: DesktopInit['supervision'] } = {},
): Promise<World> {
  const supervision = init.supervision ? { supervision: init.supervision } : {}
  const folder = temporaryFolder()
  const server = init.serverProcess
    ? await localServer(0, folder.path)
    : await startServer({
        host: '127.0.0.1',
        port: 0,
        dataFolder: join(folder.path, 'server'),
        ...supervision,
      })
  const desktops: Desktop[] = []
  return {
    serverUrl: server.url,
    server: 'supervisor' in server ? server.supervisor : undefined,
    dataFolder: folder.path,
    async join(name) {
      const person = await startPerson({ server: server.url, dataFolder: folder.path, name, ...supervision })
      desktops.push(person.desktop)
      return person
    },
    async meet([host, ...guests]) {
      if (!host) throw new Error('nobody to meet')
      await host.online()
      const channel = await host.chat.call.createChannel({ name: `c${uuidv7()}`, topic: '' })
      for (const guest of guests) {
        await guest.online()
        await guest.chat.call.joinChannel(channel.id)
      }
      for (const person of [host, ...guests]) await person.direct(guests.length)
      return channel
    },
    stopServer: () => server.stop(),
    async stop() {
      await Promise.all(desktops.map((desktop) => desktop.stop()))
      await server.stop()
      folder.remove()
    },
  }
}
