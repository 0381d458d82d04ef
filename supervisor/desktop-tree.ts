import { join } from 'node:path'
import { blocksContract } from '../actors/blocks/contract.ts'
import { chatContract } from '../actors/chat/contract.ts'
import { cryptoContract } from '../actors/crypto/contract.ts'
import { linkContract } from '../actors/link/contract.ts'
import { p2pContract } from '../actors/p2p/contract.ts'
import {
  childSpec,
  overridden,
  UnknownActor,
  type AnyContract,
  type ChildSpec,
  type IsolationName,
  type SpecOverrides,
  type SupervisorSpec,
} from './runtime/index.ts'
import type { SignedIn } from './session.ts'

const entry = (actor: string) => new URL(`../actors/${actor}/actor.ts`, import.meta.url)

/** All of an actor but what it is told at its start. */
type Part<C extends AnyContract> = Omit<ChildSpec<C>, 'init'>

const crypto: Part<typeof cryptoContract> = { contract: cryptoContract, entry: entry('crypto') }
const link: Part<typeof linkContract> = { contract: linkContract, entry: entry('link') }
const blocks: Part<typeof blocksContract> = {
  contract: blocksContract,
  entry: entry('blocks'),
  links: [cryptoContract.name],
}
const p2p: Part<typeof p2pContract> = {
  contract: p2pContract,
  entry: entry('p2p'),
  // node-datachannel takes down whatever process it is ended in.
  isolation: 'process',
  isolationFixed: true,
}
const chat: Part<typeof chatContract> = {
  contract: chatContract,
  entry: entry('chat'),
  links: [cryptoContract.name, p2pContract.name, linkContract.name],
}
const parts = [crypto, link, blocks, p2p, chat]

export interface DesktopTreeInit {
  profileFolder: string
  /** Address of the coordination server. */
  server: string
  /** 32 random bytes that live as long as the app. */
  sessionKey: Uint8Array
  /** Who is signed in right now; asked at every start of an actor. */
  session(): SignedIn | undefined
}

/** What runs from the start: enough to sign in. */
export function earlyChildren({ profileFolder, server, sessionKey, session }: DesktopTreeInit): ChildSpec[] {
  return [
    childSpec({
      ...crypto,
      init: () => ({ folder: join(profileFolder, 'identities'), sessionKey, resume: session()?.resume }),
    }),
    childSpec({
      ...link,
      init: () => ({ server, session: session()?.link }),
    }),
  ]
}

export const accountName = 'account'

/** What runs while somebody is signed in. @param lan whether people of the same server are looked for on this network */
export function accountSupervisor(profileFolder: string, signedIn: SignedIn, lan: boolean): SupervisorSpec {
  return {
    supervisor: accountName,
    children: accountChildren(profileFolder, signedIn, lan),
    // As at the root: whoever loses one for good keeps the others.
    whenExhausted: 'give-up',
  }
}

export function accountChildren(
  profileFolder: string,
  { account, publicKey, serverId }: SignedIn,
  lan: boolean,
): ChildSpec[] {
  const folder = join(profileFolder, 'accounts', account.id)
  return [
    childSpec({
      ...blocks,
      init: () => ({ folder: join(folder, 'blocks') }),
    }),
    childSpec({
      ...p2p,
      init: () => ({ iceServers: [], lan }),
    }),
    childSpec({
      ...chat,
      init: () => ({ folder, account, publicKey, server: serverId }),
    }),
  ]
}

/**
 * How actors are to be isolated unlike the tree says, as the supervisor takes it.
 * @param isolations by actor
 * @throws UnknownActor, IsolationFixed
 */
export function isolationOverrides(
  isolations: Readonly<Record<string, IsolationName>>,
): Record<string, SpecOverrides> {
  const names = parts.map(({ contract }) => contract.name)
  for (const [name, isolation] of Object.entries(isolations)) {
    const part = parts.find(({ contract }) => contract.name === name)
    if (!part) throw new UnknownActor(name, names)
    overridden(part, { isolation })
  }
  return Object.fromEntries(Object.entries(isolations).map(([name, isolation]) => [name, { isolation }]))
}
