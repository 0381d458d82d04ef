/** Gossip topics. A channel's topic carries encoded envelopes and nothing else. */
export function channelTopic(server: string, channel: string): string {
  return `/united/${server}/channel/${channel}`
}

/** The channel of a topic of this server, or `undefined` for any other topic. */
export function channelOfTopic(server: string, topic: string): string | undefined {
  const prefix = `/united/${server}/channel/`
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined
}
