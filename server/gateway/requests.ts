import { uuidv7 } from 'uuidv7'
import type { Channel } from '../../shared/channel.ts'
import {
  controlRequests,
  type ControlMethod,
  type ControlParams,
  type ControlResult,
} from '../../shared/control.ts'
import { MalformedError, checker } from '../../shared/schema.ts'
import type { ActorRef } from '../../supervisor/runtime/index.ts'
import type { auth } from '../actors/auth/contract.ts'
import type { sequencer } from '../actors/sequencer/contract.ts'
import type { Online, Session } from './online.ts'

export interface RequestsInit {
  auth: ActorRef<typeof auth>
  sequencer: ActorRef<typeof sequencer>
  online: Online
  /** An account made or joined a channel. @returns the channel as it is now */
  onMember(account: string, channel: Channel): Channel
}

type Handler = (session: Session, params: unknown) => Promise<unknown>

/** Checks the params against the agreed schema before `handle` sees them. */
function handler<M extends ControlMethod>(
  method: M,
  handle: (session: Session, params: ControlParams<M>) => Promise<ControlResult<M>>,
): [M, Handler] {
  const params = checker<(typeof controlRequests)[M]['params']>(
    `the request ${method}`,
    controlRequests[method].params,
  )
  return [method, (session, value) => handle(session, params.check(value))]
}

/** What a client may ask over the control socket, each method once. */
export function requestHandlers({ auth, sequencer, online, onMember }: RequestsInit): Map<string, Handler> {
  return new Map<ControlMethod, Handler>([
    handler('channel.create', async ({ account }, { name, topic }) => {
      const channel = await sequencer.call.create({ id: uuidv7(), name, topic, account: account.id })
      return onMember(account.id, channel)
    }),
    handler('channel.join', async ({ account }, params) => {
      const channel = await sequencer.call.join(params.channel, account.id)
      return onMember(account.id, channel)
    }),
    handler('message.submit', async ({ account, allowance }, { envelope }) => {
      allowance.spend(envelope.length)
      const { repeated: _repeated, ...place } = await sequencer.call.submit(bytesOf(envelope), account.id)
      return place
    }),
    handler('message.history', ({ account }, range) =>
      sequencer.call.history({ ...range, account: account.id }),
    ),
    handler('log.digests', ({ account }, params) => sequencer.call.digests(params, account.id)),
    handler('log.at', ({ account }, params) => sequencer.call.at(params, account.id)),
    handler('directory.lookup', (_session, { accounts }) => auth.call.lookup(accounts)),
    handler('peer.announce', async (session, { peer }) => {
      online.announce(session, peer)
      return {}
    }),
  ])
}

/** In memory of their own: `Buffer.from` takes short ones from a common block, all of which would go along to the actor. */
function bytesOf(base64: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(base64, 'base64'))
  const length = bytes.write(base64, 'base64')
  return length === bytes.byteLength ? bytes : bytes.subarray(0, length)
}

export async function answer(
  handlers: ReadonlyMap<string, Handler>,
  session: Session,
  method: string,
  params: unknown,
): Promise<unknown> {
  const handle = handlers.get(method)
  if (!handle) throw new MalformedError('the request', 'its method is unknown')
  return handle(session, params)
}
