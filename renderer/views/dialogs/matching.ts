import type { ChannelView } from '../../../shared/bridge.ts'

/** The channels whose names have `sought` in them; names that begin with it come first. */
export function matching(channels: readonly ChannelView[], sought: string): ChannelView[] {
  const part = sought.trim().replace(/^#/, '').toLowerCase()
  return channels
    .filter((channel) => channel.name.includes(part))
    .sort((a, b) => Number(b.name.startsWith(part)) - Number(a.name.startsWith(part)))
}
