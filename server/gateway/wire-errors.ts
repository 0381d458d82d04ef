import type { WireError } from '../../shared/control.ts'
import { UnitedError, errorCode } from '../../shared/errors.ts'
import { ActorError, RemoteError } from '../../supervisor/runtime/index.ts'
import { Unavailable } from '../errors.ts'

/** What the runtime says when an actor is away: the call may be made again a moment later. */
const away = new Set(['actor-down', 'deadline', 'mailbox-full', 'aborted'])

/** Codes of our own are kebab-case; those of Node, SQLite and libraries are not, and say nothing to a client. */
const ownCode = /^[a-z][a-z0-9-]{0,63}$/

const statuses: Readonly<Record<string, number>> = {
  malformed: 400,
  'wrong-password': 401,
  'session-expired': 401,
  'not-found': 404,
  'name-taken': 409,
  'key-in-use': 409,
  'too-large': 413,
  'too-many-attempts': 429,
  unavailable: 503,
  'disk-full': 507,
}

export function httpStatus(code: string): number {
  return statuses[code] ?? 500
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * What a client is told of a failure. Errors that were raised on purpose keep their words; of any other it learns only
 * that there was one.
 * @param report is given what the client is not told
 */
export function toWireError(error: unknown, report: (error: unknown) => void): WireError {
  if (error instanceof ActorError || away.has(errorCode(error) ?? '')) {
    const { code, message } = new Unavailable()
    return { code, message }
  }
  if (error instanceof UnitedError || error instanceof RemoteError) {
    const { code, message, details } = error
    if (code !== undefined && ownCode.test(code)) {
      return { code, message: message.slice(0, 1024), ...(isRecord(details) ? { details } : {}) }
    }
  }
  report(error)
  return {
    code: 'internal',
    message:
      'Something failed inside the server and was written to its log. Nothing was lost; try again later.',
  }
}
