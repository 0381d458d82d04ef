import Type, { type Static } from 'typebox'
import { AccountId, ChannelId } from './ids.ts'
import { limits } from './limits.ts'

/** Letters, digits, `-` and `_`; lower case, so that one name is one channel. */
export const ChannelName = Type.String({
  minLength: limits.channelName.min,
  maxLength: limits.channelName.max,
  pattern: '^[\\p{Ll}\\p{Lo}\\p{N}_-]+$',
})

/** A channel as the server knows it. */
export const Channel = Type.Object(
  {
    id: ChannelId,
    name: ChannelName,
    topic: Type.String({ maxLength: limits.channelTopic }),
    createdBy: AccountId,
    /** Whether the account that asks is a member. */
    member: Type.Boolean(),
    members: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    /** The highest `server_seq` given so far; 0 for an empty channel. */
    head: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
)
export type Channel = Static<typeof Channel>
