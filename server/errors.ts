import { UnitedError } from '../shared/errors.ts'

/*
 * What the server refuses or cannot do. The code is what programs compare; the message is what a person reads:
 * what happened, what is safe, what to do.
 */

/** Someone has this account name, in some spelling of its letters' case. */
export class NameTaken extends UnitedError {
  constructor(name: string) {
    super(
      'name-taken',
      `The name ${name} is taken on this server. Choose another name, or sign in if it is yours.`,
    )
  }
}

/** The same words for an unknown name and for a wrong password: a stranger learns nothing of who is here. */
export class WrongPassword extends UnitedError {
  constructor() {
    super('wrong-password', 'The name or the password is wrong. Check both and try again.')
  }
}

/** One device key signs for one account: otherwise a message could have two authors. */
export class KeyInUse extends UnitedError {
  constructor() {
    super(
      'key-in-use',
      'The key of this device belongs to another account on this server. Sign in to that account, or use a new profile.',
    )
  }
}

export class SessionExpired extends UnitedError {
  constructor() {
    super('session-expired', 'This session has ended. Sign in again; what is on this device is kept.')
  }
}

export class TokenExpired extends UnitedError {
  constructor(options?: ErrorOptions) {
    super('token-expired', 'The access token has expired. Ask for a new one with the refresh token.', options)
  }
}

export class TokenInvalid extends UnitedError {
  constructor(options?: ErrorOptions) {
    super('token-invalid', 'The access token is not one of this server. Sign in again.', options)
  }
}

export class ChannelExists extends UnitedError {
  constructor(name: string, channel: string) {
    super('channel-exists', `There is a channel named ${name} already. Join it, or choose another name.`, {
      details: { channel },
    })
  }
}

export class UnknownChannel extends UnitedError {
  constructor(channel: string) {
    super('unknown-channel', 'There is no such channel on this server.', { details: { channel } })
  }
}

export class NotAMember extends UnitedError {
  constructor(channel: string, account: string) {
    super('not-a-member', 'Only members of the channel may read it and write in it. Join it first.', {
      details: { channel, account },
    })
  }
}

export class BadSignature extends UnitedError {
  constructor(id: string) {
    super('bad-signature', 'The signature does not fit the message: it was altered or forged.', {
      details: { id },
    })
  }
}

/** The key in a message is not one of its author's. */
export class UnknownKey extends UnitedError {
  constructor(author: string) {
    super(
      'unknown-key',
      'The message is signed with a key that its author has not registered on this server.',
      {
        details: { author },
      },
    )
  }
}

export class MissingDependencies extends UnitedError {
  constructor(ids: readonly string[]) {
    super(
      'missing-dependencies',
      'The message answers others that the server has not seen yet. Submit those first, then this one.',
      { details: { ids } },
    )
  }
}

export class LamportOutOfRange extends UnitedError {
  constructor(lamport: number, limit: number) {
    super('lamport-out-of-range', 'The logical time of the message is too far ahead of this server.', {
      details: { lamport, limit },
    })
  }
}

export class IdConflict extends UnitedError {
  constructor(id: string) {
    super('id-conflict', 'Another message has this id. Send it again under a new id.', { details: { id } })
  }
}

export class TooManyRequests extends UnitedError {
  constructor(limit: number) {
    super(
      'too-many-requests',
      `More than ${limit} requests wait for an answer, or they are too large together. Send the rest after the replies.`,
      { details: { retryAfterMs: 100 } },
    )
  }
}

/** One account hands in more than its share. Until the time is over everything that it hands in is refused. */
export class RateLimited extends UnitedError {
  constructor(retryAfterMs: number) {
    super(
      'rate-limited',
      'This account sends faster than the server takes messages from one account. Nothing is lost; send it again later.',
      { details: { retryAfterMs } },
    )
  }
}

export class TooManyConnections extends UnitedError {
  constructor(limit: number) {
    super(
      'too-many-connections',
      `This account is connected ${limit} times already. Close UNITED where it is not needed.`,
      { details: { limit, retryAfterMs: 15_000 } },
    )
  }
}

/** The client has let too much wait, or has taken none of it for too long. */
export class TooSlow extends UnitedError {
  constructor() {
    super(
      'too-slow',
      'This client reads more slowly than the server has to tell it. Connect again; nothing is lost.',
    )
  }
}

/** A part of the server is down for a moment and is being restarted. */
export class Unavailable extends UnitedError {
  constructor(options?: ErrorOptions) {
    super(
      'unavailable',
      'A part of the server is restarting and did not answer in time. Nothing is lost; try again in a moment.',
      options,
    )
  }
}

export class DataFolderUnusable extends UnitedError {
  constructor(path: string, options?: ErrorOptions) {
    super(
      'data-folder',
      `The data folder ${path} cannot be written to. Check that it is a folder of yours, or name another with --data.`,
      { ...options, details: { path } },
    )
  }
}

export class DataFolderInUse extends UnitedError {
  constructor(path: string, options?: ErrorOptions) {
    super(
      'data-in-use',
      `Another UNITED server is using the data of ${path}. Stop it, or name another folder with --data.`,
      { ...options, details: { path } },
    )
  }
}

export class PortInUse extends UnitedError {
  constructor(host: string, port: number, option: string, options?: ErrorOptions) {
    super(
      'port-in-use',
      `Port ${port} on ${host} is in use by another program. Stop that program, or choose another port with ${option}.`,
      { ...options, details: { host, port } },
    )
  }
}

export class HostUnusable extends UnitedError {
  constructor(host: string, options?: ErrorOptions) {
    super('host', `This computer cannot listen on ${host}. Name one of its own addresses with --host.`, {
      ...options,
      details: { host },
    })
  }
}

export class RelayKeyUnreadable extends UnitedError {
  constructor(path: string, options?: ErrorOptions) {
    super(
      'relay-key-unreadable',
      `The relay's key ${path} cannot be read. Restore it from a backup, or move it away: a new one is made, and clients learn of it by themselves.`,
      { ...options, details: { path } },
    )
  }
}
