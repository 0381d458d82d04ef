import { randomBytes } from 'node:crypto'
import { cryptoContract, type CryptoApi } from '../../actors/crypto/contract.ts'
import { childSpec, Supervisor, type ActorRef, type ChildSpec } from '../../supervisor/runtime/index.ts'
import { eventually } from './eventually.ts'

/** The crypto actor under a supervisor of its own, which keeps for it what a session would. */
export interface CryptoActor {
  supervisor: Supervisor
  call: ActorRef<typeof cryptoContract>['call']
  /** Opens an identity and has it resumed after every death from now on. */
  signIn(name: string, password: string): ReturnType<CryptoApi['open']>
  /** Kills it and waits until it is up again. */
  kill(): Promise<void>
  /** What the next life is given in place of this. */
  session: { key: Uint8Array; resume: Uint8Array | undefined }
  stop(): Promise<void>
}

export const anyServer = '01890a5d-ac96-774b-bcce-b302099a8057'

/** @param others further actors, which may be linked to crypto */
export async function startCrypto(folder: string, others: readonly ChildSpec[] = []): Promise<CryptoActor> {
  const session: CryptoActor['session'] = { key: randomBytes(32), resume: undefined }
  const supervisor = new Supervisor({ backoff: { firstMs: 1, maxMs: 5, calmMs: 10_000 } })
  const crypto = childSpec({
    contract: cryptoContract,
    entry: new URL('../../actors/crypto/actor.ts', import.meta.url),
    init: () => ({ folder, sessionKey: session.key, resume: session.resume }),
  })
  await supervisor.start([crypto])
  const { call } = supervisor.ref(cryptoContract)
  const signIn = async (name: string, password: string) => {
    const opened = await call.open({ server: anyServer, name, password })
    session.resume = opened.resume
    return opened
  }
  if (others.length > 0) {
    await signIn('somebody', 'a long enough password')
    await supervisor.start(others)
  }
  return {
    supervisor,
    call,
    signIn,
    session,
    kill: () => killAndWait(supervisor, 'crypto'),
    stop: () => supervisor.stop(),
  }
}

/** Kills an actor and waits until its next life is up. */
export async function killAndWait(supervisor: Supervisor, name: string): Promise<void> {
  const find = () => supervisor.children.find((child) => child.name === name)
  const before = find()?.incarnation ?? 0
  supervisor.kill(name, 'killed by a test')
  await eventually(`${name} is up again`, () => {
    const child = find()
    return child?.state === 'running' && child.incarnation > before
  })
}
