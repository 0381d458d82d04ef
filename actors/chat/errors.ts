import { UnitedError } from '../../shared/errors.ts'

export class NotAMember extends UnitedError {
  constructor() {
    super('not-a-member', 'You have not joined this channel. Join it to write here.')
  }
}

export class UnknownMessage extends UnitedError {
  constructor(id: string) {
    super('unknown-message', 'This message is not on this device.', { details: { id } })
  }
}

/** A message that came from outside is not what it claims to be. It was neither stored nor shown. */
export class Forged extends UnitedError {
  constructor(
    reason: 'bad-signature' | 'unknown-key' | 'wrong-channel' | 'lamport-out-of-range',
    id: string,
  ) {
    super(reason, `A message was refused: ${reason}.`, { details: { id } })
  }
}

/** Messages came with digests that do not follow from one another: whoever told them is not to be believed. */
export class BrokenLog extends UnitedError {
  constructor(seq: number) {
    super('broken-log', `A page of history was refused: its digests do not fit together at ${seq}.`)
  }
}
