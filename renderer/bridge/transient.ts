import { errorCode } from '../../shared/errors.ts'

/** Failures that say nothing about what was asked: the same call may succeed a moment later. */
const transientCodes: ReadonlySet<string | undefined> = new Set([
  'actor-down',
  'host-gone',
  'deadline',
  'mailbox-full',
])

export function isTransient(error: unknown): boolean {
  return transientCodes.has(errorCode(error))
}
