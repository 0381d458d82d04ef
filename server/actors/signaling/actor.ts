import { TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import { isGossipOf } from '../../../shared/gossip.ts'
import { channelTopic } from '../../../shared/topics.ts'
import { runActor, type ActorContext, type StartedActor } from '../../../supervisor/runtime/actor-side.ts'
import { signaling, type SignalingApi } from './contract.ts'
import { loadKey } from './key-file.ts'
import { listen } from './listen.ts'

async function startSignaling(context: ActorContext<typeof signaling>): Promise<StartedActor<SignalingApi>> {
  const { init } = context
  const node = await listen(await loadKey(init.keyPath), init)
  const { pubsub } = node.services

  pubsub.addEventListener('message', ({ detail }) => {
    // A copy: what libp2p hands out may be a small window on a large buffer, all of which would be cloned.
    context.emit('gossip', Uint8Array.from(detail.data))
  })

  return {
    api: {
      addresses: async () => node.getMultiaddrs().map(String),
      async follow(channels) {
        for (const channel of channels) {
          const topic = channelTopic(init.server, channel)
          pubsub.topicValidators.set(topic, (_peer, { data }) =>
            isGossipOf(channel, data) ? TopicValidatorResult.Accept : TopicValidatorResult.Reject,
          )
          pubsub.subscribe(topic)
        }
      },
    },
    stop: async () => {
      await node.stop()
    },
  }
}

runActor(signaling, startSignaling)
