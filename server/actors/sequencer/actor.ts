import { runActor, type ActorContext, type StartedActor } from '../../../supervisor/runtime/actor-side.ts'
import { openStore } from '../../store/store.ts'
import { auth } from '../auth/contract.ts'
import { Authors } from './authors.ts'
import { ChannelLog } from './channel-log.ts'
import { Channels } from './channels.ts'
import { sequencer, type SequencerApi } from './contract.ts'
import { GroupCommit } from './group-commit.ts'
import { HeldBack } from './held-back.ts'
import { Intake } from './intake.ts'
import { migrations } from './migrations.ts'
import { ProofPool } from './proof-pool.ts'

/** The same memory as a Buffer, which SQLite takes. */
function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function startSequencer(context: ActorContext<typeof sequencer>): StartedActor<SequencerApi> {
  const store = openStore({ path: context.init.path, migrations })
  const channels = new Channels(store)
  const log = new ChannelLog(store)
  const proofs = new ProofPool()
  context.watchThreads(() => proofs.threads)
  const commits = new GroupCommit(log, new HeldBack(), (messages) => context.emit('sequenced', messages))
  const intake = new Intake({ log, channels, proofs, commits, authors: new Authors(context.link(auth)) })

  return {
    api: {
      channels: async (account) => channels.all(account),
      heads: async () => channels.heads(),
      create: async (channel) => channels.create(channel),
      join: async (channel, account) => channels.join(channel, account),

      submit: (envelope, submitter) => intake.submit(view(envelope), submitter),
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
    async stop() {
      commits.stop()
      await proofs.stop()
      store.close()
    },
  }
}

runActor(sequencer, startSequencer)
