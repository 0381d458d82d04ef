import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../../../supervisor/command-socket.ts'
import type { SeededRandom } from '../../support/seeded-random.ts'
import type { StormyWorld } from './world.ts'

export const misfortunes = [
  'client-killed',
  'server-killed',
  'client-actor-killed',
  'server-actor-killed',
  'server-link-parted',
  'peer-link-parted',
] as const
export type Misfortune = (typeof misfortunes)[number]

/** How long between two misfortunes, ms: from this to twice this. */
const gapMs = 700
/** How long somebody is away or parted, ms: up to this. */
const longestMs = 3_000
const clientActors = ['crypto', 'link', 'blocks', 'p2p', 'chat']
const serverActors = ['auth', 'sequencer', 'signaling']

/** What can happen to clients, to the server, to single actors and to the links between them, as the seed says. */
export class MessageStorm {
  readonly struck: string[] = []
  readonly #world: StormyWorld
  readonly #random: SeededRandom
  readonly #ended = new AbortController()
  readonly #mending = new Set<Promise<void>>()
  readonly #parted = new Set<string>()
  #running: Promise<void> | undefined

  constructor(world: StormyWorld, random: SeededRandom) {
    this.#world = world
    this.#random = random
  }

  begin(): void {
    this.#running = this.#run()
  }

  /** Resolves when everything is mended again. */
  async end(): Promise<void> {
    this.#ended.abort()
    await this.#running
    await Promise.all(this.#mending)
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      // Drawn in any case and in this order, so that the choices of a seed do not hang on what happens to be up.
      const misfortune = this.#pick(misfortunes)
      const [one, other] = [this.#random.below(3), this.#random.below(2)]
      const [actor, serverActor] = [this.#pick(clientActors), this.#pick(serverActors)]
      const awayMs = this.#random.below(longestMs)
      const pauseMs = gapMs + this.#random.below(gapMs)
      const mending = this.#strike(misfortune, { one, other, actor, serverActor, awayMs })
      this.#mending.add(mending)
      void mending.finally(() => this.#mending.delete(mending))
      await this.#pause(pauseMs)
    }
  }

  async #strike(
    misfortune: Misfortune,
    choice: { one: number; other: number; actor: string; serverActor: string; awayMs: number },
  ): Promise<void> {
    const { clients } = this.#world
    const client = clients[choice.one % clients.length]
    const away = () => sleep(choice.awayMs)
    switch (misfortune) {
      case 'client-killed':
        if (!client?.isUp) return
        this.struck.push(`${misfortune} ${client.name}`)
        await client.end()
        await away()
        return client.start()
      case 'server-killed':
        if (!this.#world.serverIsUp) return
        this.struck.push(misfortune)
        return this.#world.killServer(away)
      case 'client-actor-killed':
        if (!client?.isUp) return
        this.struck.push(`${misfortune} ${client.name}/${choice.actor}`)
        return client.kill(choice.actor)
      case 'server-actor-killed':
        return this.#killServerActor(choice.serverActor)
      case 'server-link-parted':
        return this.#part(misfortune, 0, 1 + (choice.one % clients.length), away)
      case 'peer-link-parted': {
        const other = (choice.one + 1 + choice.other) % clients.length
        return this.#part(misfortune, 1 + (choice.one % clients.length), 1 + other, away)
      }
    }
  }

  async #killServerActor(actor: string): Promise<void> {
    if (!this.#world.serverIsUp) return
    const answer = await ask(this.#world.serverFolder, { command: 'kill', actor })
    if (answer && 'killed' in answer) this.struck.push(`server-actor-killed ${actor}`)
  }

  async #part(misfortune: Misfortune, a: number, b: number, away: () => Promise<void>): Promise<void> {
    const { network } = this.#world
    const link = [a, b].toSorted().join('-')
    if (!network || a === b || this.#parted.has(link)) return
    this.#parted.add(link)
    this.struck.push(`${misfortune} ${link}`)
    network.part(a, b)
    await away()
    network.join(a, b)
    this.#parted.delete(link)
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#ended
    try {
      await sleep(ms, undefined, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#random.below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
}
