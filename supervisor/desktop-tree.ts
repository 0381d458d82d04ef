import { join } from 'node:path'
import { blocksContract } from '../actors/blocks/contract.ts'
import { chatContract } from '../actors/chat/contract.ts'
import { cryptoContract } from '../actors/crypto/contract.ts'
import { linkContract } from '../actors/link/contract.ts'
import { p2pContract } from '../actors/p2p/contract.ts'
import { childSpec, type ChildSpec, type SupervisorSpec } from './runtime/index.ts'
import type { SignedIn } from './session.ts'

const entry = (actor: string) => new URL(`../actors/${actor}/actor.ts`, import.meta.url)

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
      contract: cryptoContract,
      entry: entry('crypto'),
      init: () => ({ folder: join(profileFolder, 'identities'), sessionKey, resume: session()?.resume }),
    }),
    childSpec({
      contract: linkContract,
      entry: entry('link'),
      init: () => ({ server, session: session()?.link }),
    }),
  ]
}

export const accountName = 'account'

/** What runs while somebody is signed in. */
export function accountSupervisor(profileFolder: string, signedIn: SignedIn): SupervisorSpec {
  return {
    supervisor: accountName,
    children: accountChildren(profileFolder, signedIn),
    // As at the root: whoever loses one for good keeps the others.
    whenExhausted: 'give-up',
  }
}

export function accountChildren(
  profileFolder: string,
  { account, publicKey, serverId }: SignedIn,
): ChildSpec[] {
  const folder = join(profileFolder, 'accounts', account.id)
  return [
    childSpec({
      contract: blocksContract,
      entry: entry('blocks'),
      links: ['crypto'],
      init: () => ({ folder: join(folder, 'blocks') }),
    }),
    childSpec({
      contract: p2pContract,
      entry: entry('p2p'),
      // node-datachannel takes down whatever process it is ended in.
      isolation: 'process',
      isolationFixed: true,
      init: () => ({ iceServers: [] }),
    }),
    childSpec({
      contract: chatContract,
      entry: entry('chat'),
      links: ['crypto', 'p2p', 'link'],
      init: () => ({ folder, account, publicKey, server: serverId }),
    }),
  ]
}
