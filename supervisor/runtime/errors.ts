/** Base of what the runtime itself raises. `code` is what callers compare: classes do not survive a wire. */
export class ActorError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** The actor died, or is not coming back. A call that fails with this may or may not have been carried out. */
export class ActorDown extends ActorError {
  readonly actor: string
  readonly incarnation: number

  constructor(actor: string, incarnation: number, reason: string, options?: ErrorOptions) {
    super('actor-down', `The actor ${actor} went down: ${reason}`, options)
    this.actor = actor
    this.incarnation = incarnation
  }
}

/** No answer came in time. The call may still be carried out. */
export class DeadlineExceeded extends ActorError {
  constructor(actor: string, method: string, deadlineMs: number) {
    super('deadline', `${actor}.${method} did not answer within ${deadlineMs} ms`)
  }
}

/** The caller's AbortSignal fired first. */
export class CallAborted extends ActorError {
  constructor(actor: string, method: string, options?: ErrorOptions) {
    super('aborted', `The call ${actor}.${method} was aborted`, options)
  }
}

/** The actor has as much waiting as its contract allows. Nothing of this call was carried out. */
export class MailboxFull extends ActorError {
  constructor(actor: string, limit: string) {
    super('mailbox-full', `The mailbox of ${actor} is full (${limit})`)
  }
}

/** The contract names the method, or it does not; the actor has none. Nothing was carried out. */
export class UnknownMethod extends ActorError {
  constructor(actor: string, method: string) {
    super('unknown-method', `${actor} has no method ${method}`)
  }
}

/** An item of a stream went missing on the way, or none came in time. */
export class StreamBroken extends ActorError {
  constructor(actor: string, method: string, reason: string) {
    super('stream-broken', `The stream of ${actor}.${method} broke: ${reason}`)
  }
}

/** An actor did not come up. `cause` says why. */
export class ActorStartFailed extends ActorError {
  constructor(actor: string, reason: string, options?: ErrorOptions) {
    super('actor-start-failed', `The actor ${actor} did not start: ${reason}`, options)
  }
}

/** No child has this name. */
export class UnknownActor extends ActorError {
  constructor(actor: string, known: readonly string[]) {
    super('unknown-actor', `There is no actor named ${actor}; there are ${known.join(', ') || 'none'}`)
  }
}

/** A second child was to be started under a name that is taken. */
export class NameTaken extends ActorError {
  constructor(actor: string) {
    super('name-taken', `There is an actor named ${actor} already`)
  }
}

/** Configuration asked for an isolation in which the actor would take down more than itself. */
export class IsolationFixed extends ActorError {
  constructor(actor: string) {
    super(
      'isolation-fixed',
      `How ${actor} is isolated cannot be changed: its native code takes down whatever it is ended in`,
    )
  }
}

/** A value that only threads can pass was sent to an actor that is a process. */
export class NotTransferable extends ActorError {
  constructor() {
    super('not-transferable', 'Ports cannot be passed to an actor in a process')
  }
}

/** A fault that this actor cannot be given: it would take more down than the actor. */
export class FaultNotContained extends ActorError {
  constructor(actor: string, fault: string, reason: string) {
    super('fault-not-contained', `${actor} cannot be given the fault "${fault}": ${reason}`)
  }
}

/** The `code` of whatever was thrown, if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
