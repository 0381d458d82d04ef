import { errorMessage } from '../../../shared/errors.ts'
import { startNetwork, type Network } from '../../support/network.ts'
import { startServerProgram, type ServerProgram } from '../../support/server-program.ts'
import { Client } from './client.ts'

const onlyHere = { address: '127.0.0.1', node: process.execPath }

/** A server and clients, each on a computer of its own where this machine can make networks. */
export class StormyWorld {
  readonly clients: Client[]
  /** Undefined where none can be made: then nobody is ever parted from anybody. */
  readonly network: Network | undefined
  readonly #serverFolder: string
  readonly #port: number
  #server: ServerProgram | undefined

  private constructor(init: {
    network: Network | undefined
    clients: Client[]
    serverFolder: string
    server: ServerProgram
  }) {
    this.network = init.network
    this.clients = init.clients
    this.#serverFolder = init.serverFolder
    this.#server = init.server
    this.#port = Number(init.server.port)
  }

  /** The server is computer 0, the clients are those after it. */
  static async start(folder: string, names: readonly string[]): Promise<StormyWorld> {
    const network = networkFor(names.length + 1)
    const serverFolder = `${folder}/server`
    const server = await startServerProgram(serverFolder, 0, network?.hosts[0] ?? onlyHere)
    const clients = names.map((name, index) => {
      const { node } = network?.hosts[index + 1] ?? onlyHere
      return new Client({ name, server: server.url, dataFolder: folder, node })
    })
    return new StormyWorld({ network, clients, serverFolder, server })
  }

  get serverFolder(): string {
    return this.#serverFolder
  }

  get serverUrl(): string {
    return this.#server?.url ?? ''
  }

  get serverIsUp(): boolean {
    return this.#server !== undefined
  }

  /** SIGKILL to the server, and its next start. */
  async killServer(awayMs: () => Promise<void>): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    const exited = new Promise((resolve) => server.process.once('exit', resolve))
    server.process.kill('SIGKILL')
    await exited
    await awayMs()
    this.#server = await startServerProgram(
      this.#serverFolder,
      this.#port,
      this.network?.hosts[0] ?? onlyHere,
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.stop()))
    await this.#server?.stop()
  }
}

function networkFor(computers: number): Network | undefined {
  try {
    return startNetwork(computers)
  } catch (error) {
    console.log(`nobody is parted from anybody: no networks can be made here (${errorMessage(error).trim()})`)
    return undefined
  }
}
