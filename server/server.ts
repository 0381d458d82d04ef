import { multiaddr } from '@multiformats/multiaddr'
import { UnitedError, errorCode } from '../shared/errors.ts'
import { ActorStartFailed, Supervisor, type SupervisorInit } from '../supervisor/runtime/index.ts'
import { auth } from './actors/auth/contract.ts'
import { sequencer } from './actors/sequencer/contract.ts'
import { signaling } from './actors/signaling/contract.ts'
import { Gateway, type GatewayLimits } from './gateway/gateway.ts'
import { prepareDataFolder } from './store/data-folder.ts'
import { authSpec, otherSpecs, type RelayPort, type TreeInit } from './tree.ts'

export interface ServerInit {
  /** Address to listen on, for clients and for the relay. */
  host: string
  /** 0 for any free port. */
  port: number
  /** Folder that holds everything the server keeps; made when it is not there. */
  dataFolder: string
  /** Port of the relay. @default 0: any free port, kept for as long as the server runs */
  relayPort?: number
  /** Life of an access token, ms; whole seconds. @default 15 minutes */
  accessTokenMs?: number
  /** Life of a session, ms. @default 30 days */
  refreshTokenMs?: number
  /** Requests to the account routes per minute and address. @default 60 */
  authAttempts?: number
  /** What is to be otherwise in how much one client may use. */
  limits?: GatewayLimits
  /** What is to be otherwise in how the tree is supervised. */
  supervision?: Pick<SupervisorInit, 'intensity' | 'backoff' | 'overrides' | 'sampling'>
  /** A failure that no client is told about. @default console.error */
  report?: (error: unknown) => void
}

export interface RunningServer {
  /** http://host:port, without a slash at the end. */
  readonly url: string
  /** The tree: `children`, `kill(name)`, and the events of their lives. */
  readonly supervisor: Supervisor
  /** How envelopes heard from peers fared. */
  readonly gossip: Readonly<Gateway['gossip']>
  /** Says goodbye to every client and stops the actors in order. May be called twice. */
  stop(): Promise<void>
}

const minute = 60_000
const day = 24 * 60 * minute

/**
 * Starts the server and resolves when it answers.
 * @throws UnitedError with code `port-in-use`, `host`, `data-folder`, `data-in-use`, `database-unreadable`,
 *   `database-newer`, `disk-full` or `relay-key-unreadable`, whose message says what to do
 */
export async function startServer(init: ServerInit): Promise<RunningServer> {
  await prepareDataFolder(init.dataFolder)
  const report = init.report ?? console.error
  const tree: TreeInit = {
    dataFolder: init.dataFolder,
    host: init.host,
    accessTokenMs: init.accessTokenMs ?? 15 * minute,
    refreshTokenMs: init.refreshTokenMs ?? 30 * day,
  }
  const supervisor = new Supervisor(init.supervision)
  let gateway: Gateway | undefined
  try {
    await supervisor.start([authSpec(tree)])
    const server = await supervisor.ref(auth).call.serverId()
    const relay: RelayPort = { server, port: init.relayPort ?? 0, anotherPort: false }
    await supervisor.start(otherSpecs(tree, relay))
    gateway = new Gateway({
      server,
      auth: supervisor.ref(auth),
      sequencer: supervisor.ref(sequencer),
      signaling: supervisor.ref(signaling),
      authAttempts: init.authAttempts ?? 60,
      ...(init.limits ? { limits: init.limits } : {}),
      onRelays: (addresses) => {
        relay.port = portOf(addresses) ?? relay.port
        relay.anotherPort = true
      },
      report,
    })
    const running = gateway
    const port = await running.start(init.host, init.port)
    const host = init.host.includes(':') ? `[${init.host}]` : init.host
    let stopped: Promise<void> | undefined
    return {
      url: `http://${host}:${port}`,
      supervisor,
      gossip: running.gossip,
      stop: () => (stopped ??= running.stop().then(() => supervisor.stop())),
    }
  } catch (error) {
    await gateway?.stop()
    await supervisor.stop()
    throw ownWords(error)
  }
}

/** The TCP port of the first address. */
function portOf(addresses: readonly string[]): number | undefined {
  const [first] = addresses
  if (first === undefined) return undefined
  const tcp = multiaddr(first)
    .getComponents()
    .find(({ name }) => name === 'tcp')
  return tcp?.value === undefined ? undefined : Number(tcp.value)
}

/** An actor that did not start says why in words for people; they replace those about the actor. */
function ownWords(error: unknown): unknown {
  if (!(error instanceof ActorStartFailed)) return error
  const { cause } = error
  const code = errorCode(cause)
  const own = cause instanceof Error && code !== undefined && /^[a-z-]+$/.test(code)
  return own ? new UnitedError(code, cause.message, { cause: error }) : error
}
