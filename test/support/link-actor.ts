import { randomBytes } from 'node:crypto'
import { linkContract, type Credentials, type LinkEvents } from '../../actors/link/contract.ts'
import type { LinkView } from '../../shared/bridge.ts'
import { childSpec, Supervisor, type ActorRef } from '../../supervisor/runtime/index.ts'
import { authorFrom, type Author } from './author.ts'
import { eventually } from './eventually.ts'

/** The link actor under a supervisor of its own, and a record of what it told. */
export interface LinkActor {
  supervisor: Supervisor
  call: ActorRef<typeof linkContract>['call']
  states: LinkView[]
  ended: LinkEvents['ended'][]
  welcomes: LinkEvents['welcome'][]
  /** Waits until its state is this one, and answers it. */
  in(state: LinkView['state']): Promise<LinkView>
  stop(): Promise<void>
}

export async function startLink(server: string): Promise<LinkActor> {
  const supervisor = new Supervisor({ backoff: { firstMs: 1, maxMs: 5, calmMs: 10_000 } })
  const link = supervisor.ref(linkContract)
  const [states, ended, welcomes]: [LinkView[], LinkEvents['ended'][], LinkEvents['welcome'][]] = [[], [], []]
  link.on('state', (state) => states.push(state))
  link.on('ended', (reason) => ended.push(reason))
  link.on('welcome', (welcome) => welcomes.push(welcome))
  await supervisor.start([
    childSpec({
      contract: linkContract,
      entry: new URL('../../actors/link/actor.ts', import.meta.url),
      init: () => ({ server, session: undefined }),
    }),
  ])
  return {
    supervisor,
    call: link.call,
    states,
    ended,
    welcomes,
    in: (wanted) =>
      eventually(`the link is ${wanted}`, async () => {
        const view = await link.call.state()
        return view.state === wanted && view
      }),
    stop: () => supervisor.stop(),
  }
}

/** A name with a secret and a key, as crypto would give them. */
export function credentials(name: string, author: Author = authorFrom(randomBytes(32))): Credentials {
  return {
    name,
    secret: randomBytes(32).toString('base64'),
    key: Buffer.from(author.key).toString('base64'),
  }
}
