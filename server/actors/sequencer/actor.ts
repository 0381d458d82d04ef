import { decodeEnvelope, signedBytes, type MessageEnvelope } from '../../../shared/envelope.ts'
import { isSignedBy } from '../../../shared/signature.ts'
import { runActor, type ActorContext, type StartedActor } from '../../../supervisor/runtime/actor-side.ts'
import { BadSignature, UnknownKey } from '../../errors.ts'
import { openStore } from '../../store/store.ts'
import { auth } from '../auth/contract.ts'
import { Authors } from './authors.ts'
import { ChannelLog } from './channel-log.ts'
import { Channels } from './channels.ts'
import { sequencer, type Place, type SequencerApi } from './contract.ts'
import { migrations } from './migrations.ts'

/** The same memory as a Buffer, which SQLite takes. */
function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function isSigned(envelope: MessageEnvelope): boolean {
  return isSignedBy({ bytes: signedBytes(envelope), signature: envelope.sig, key: envelope.key })
}

function startSequencer(context: ActorContext<typeof sequencer>): StartedActor<SequencerApi> {
  const store = openStore({ path: context.init.path, migrations })
  const channels = new Channels(store)
  const log = new ChannelLog(store)
  const authors = new Authors(context.link(auth))

  // From the commit to the event nothing is awaited: events leave in the order of seq.
  const tell = ({ channel, seq, digest, at }: Place, bytes: Buffer) =>
    context.emit('sequenced', [{ channel, seq, digest, at, envelope: bytes.toString('base64') }])

  return {
    api: {
      channels: async (account) => channels.all(account),
      heads: async () => channels.heads(),
      create: async (channel) => channels.create(channel),
      join: async (channel, account) => channels.join(channel, account),

      async submit(envelopeBytes, submitter) {
        const bytes = view(envelopeBytes)
        const envelope = decodeEnvelope(bytes)
        const { channel, author } = envelope
        if (submitter !== null) channels.requireMember(channel, submitter)
        let place = log.find(envelope, bytes)
        if (!place) {
          channels.requireMember(channel, author)
          if (!(await authors.owns(author, view(envelope.key).toString('base64'))))
            throw new UnknownKey(author)
          if (!isSigned(envelope)) throw new BadSignature(envelope.id)
          place = log.append(envelope, bytes)
        }
        if (!place.repeated || submitter !== null) tell(place, bytes)
        return place
      },

      async history({ account, ...range }) {
        channels.requireMember(range.channel, account)
        return log.page(range)
      },
      async digests({ channel, seqs }, account) {
        channels.requireMember(channel, account)
        return log.digests(channel, seqs)
      },
      async at({ channel, at }, account) {
        channels.requireMember(channel, account)
        return { seq: log.firstAt(channel, at) }
      },
    },
    stop: () => store.close(),
  }
}

runActor(sequencer, startSequencer)
