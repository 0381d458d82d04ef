import Type from 'typebox'

const uuid = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

/** UUIDv7 (RFC 9562, section 5.7): sorts by the time at which it was made. */
export const MessageId = Type.String({ pattern: uuid })
export const ChannelId = Type.String({ pattern: uuid })
export const AccountId = Type.String({ pattern: uuid })

/** A libp2p peer id in its base58 form. Lives as long as one run of the p2p actor. */
export const PeerId = Type.String({ pattern: '^[1-9A-HJ-NP-Za-km-z]{40,64}$' })

/** The id of a server: the first thing it makes, so that topics of two servers never meet. */
export const ServerId = Type.String({ pattern: uuid })
