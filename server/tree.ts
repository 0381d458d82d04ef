import { join } from 'node:path'
import { childSpec, type ChildSpec } from '../supervisor/runtime/index.ts'
import { auth } from './actors/auth/contract.ts'
import { sequencer } from './actors/sequencer/contract.ts'
import { signaling } from './actors/signaling/contract.ts'

export interface TreeInit {
  dataFolder: string
  host: string
  accessTokenMs: number
  refreshTokenMs: number
}

/** What the signaling actor is told anew at each of its starts. */
export interface RelayPort {
  server: string
  port: number
  /** True once it has listened: clients know the port, yet another one is better than none. */
  anotherPort: boolean
}

export function authSpec({ dataFolder, accessTokenMs, refreshTokenMs }: TreeInit): ChildSpec {
  return childSpec({
    contract: auth,
    entry: new URL('./actors/auth/actor.ts', import.meta.url),
    // To end a thread with an argon2 hash in flight aborts the whole process.
    isolation: 'process',
    isolationFixed: true,
    init: () => ({ path: join(dataFolder, 'auth.db'), accessTokenMs, refreshTokenMs }),
  })
}

/** The actors that start when auth is up. @param relay is read at each start of signaling */
export function otherSpecs({ dataFolder, host }: TreeInit, relay: Readonly<RelayPort>): ChildSpec[] {
  return [
    childSpec({
      contract: sequencer,
      entry: new URL('./actors/sequencer/actor.ts', import.meta.url),
      // It asks auth for the keys of authors.
      links: [auth.name],
      init: () => ({ path: join(dataFolder, 'sequencer.db') }),
    }),
    childSpec({
      contract: signaling,
      entry: new URL('./actors/signaling/actor.ts', import.meta.url),
      init: () => ({ ...relay, host, keyPath: join(dataFolder, 'relay.key') }),
    }),
  ]
}
