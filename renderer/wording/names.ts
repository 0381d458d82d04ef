import { AccountName } from '../../shared/account.ts'
import { ChannelName } from '../../shared/channel.ts'
import { limits } from '../../shared/limits.ts'
import { checker } from '../../shared/schema.ts'

const accountNames = checker('The name', AccountName)
const channelNames = checker('The channel name', ChannelName)

/** What keeps `name` from being an account's name; undefined when nothing does. */
export function accountNameFault(name: string): string | undefined {
  const { min, max } = limits.accountName
  if (name === '') return 'Enter a name.'
  if (name.length < min) return `A name has at least ${min} characters.`
  if (name.length > max) return `A name has at most ${max} characters.`
  return accountNames.matches(name)
    ? undefined
    : 'A name has letters, digits, dots, hyphens and underscores only.'
}

/** What keeps `name` from being a channel's name; undefined when nothing does. */
export function channelNameFault(name: string): string | undefined {
  const { max } = limits.channelName
  if (name === '') return 'Enter a name.'
  if (name.length > max) return `A channel name has at most ${max} characters.`
  return channelNames.matches(name)
    ? undefined
    : 'A channel name has lower-case letters, digits, hyphens and underscores only.'
}

/** What somebody most likely means by what they type: "Game Night" is `game-night`. */
export function asChannelName(typed: string): string {
  return typed.toLowerCase().replace(/\s/g, '-').replace(/^#/, '')
}
