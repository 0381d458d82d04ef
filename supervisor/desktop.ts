import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ActorDesk } from './actor-desk.ts'
import { chatContract } from '../actors/chat/contract.ts'
import type { DeliveryTime } from '../shared/bridge.ts'
import { BridgeHost } from './bridge-host.ts'
import { earlyChildren } from './desktop-tree.ts'
import { Supervisor, type Isolations, type SupervisorInit } from './runtime/index.ts'
import { selfTest } from './self-test.ts'
import { Session } from './session.ts'

export interface DesktopInit {
  /** Folder that holds everything, `--data`. */
  dataFolder: string
  profile: string
  /** Address of the coordination server. */
  server: string
  /** Whether people of the same server are looked for on this network. @default true */
  lan?: boolean
  /** How this host makes isolates, where it differs from plain Node. */
  isolations?: Partial<Isolations>
  /** What is to be otherwise in how the tree is supervised. */
  supervision?: Pick<SupervisorInit, 'intensity' | 'backoff' | 'overrides' | 'sampling'>
}

/** Where one profile keeps what it owns. */
export function profileFolder({ dataFolder, profile }: { dataFolder: string; profile: string }): string {
  return join(dataFolder, 'profiles', profile)
}

/** The desktop without its window: the same tree under Electron and under Node. */
export class Desktop {
  readonly supervisor: Supervisor
  readonly session: Session
  readonly desk: ActorDesk
  readonly bridge: BridgeHost
  readonly #init: DesktopInit

  constructor(init: DesktopInit) {
    this.#init = init
    this.supervisor = new Supervisor({
      // Whoever loses one actor for good keeps the others, and a button to try it again.
      whenExhausted: 'give-up',
      ...init.supervision,
      ...(init.isolations ? { isolations: init.isolations } : {}),
    })
    const { profile, server } = init
    this.session = new Session({
      supervisor: this.supervisor,
      profile,
      profileFolder: profileFolder(init),
      server,
      lan: init.lan ?? true,
    })
    this.desk = new ActorDesk(this.supervisor, join(profileFolder(init), 'recordings'))
    this.bridge = new BridgeHost(this.supervisor, this.session, this.desk)
  }

  /** @throws SelfTestFailed, ActorStartFailed */
  async start(): Promise<void> {
    await selfTest()
    await this.supervisor.start(
      earlyChildren({
        profileFolder: profileFolder(this.#init),
        server: this.#init.server,
        sessionKey: randomBytes(32),
        session: () => this.session.signedIn,
      }),
    )
  }

  /** How long the last messages took; empty while nobody is signed in. */
  async deliveryTimes(): Promise<DeliveryTime[]> {
    return this.session.signedIn ? this.supervisor.ref(chatContract).call.deliveryTimes() : []
  }

  async stop(): Promise<void> {
    await this.supervisor.stop()
    await this.desk.written()
  }
}
