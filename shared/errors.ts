/** Base of every error that UNITED raises on purpose. */
export interface UnitedErrorOptions extends ErrorOptions {
  /** Structured facts for logs and "copy details"; never needed to understand the message. */
  details?: Readonly<Record<string, unknown>>
}

/**
 * An error with a stable `code` for programs and a `message` for people: what happened, what is safe, what to do.
 * `code` is what callers compare, since classes do not survive the way between actors.
 */
export class UnitedError extends Error {
  readonly code: string
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(code: string, message: string, options: UnitedErrorOptions = {}) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.details = options.details
  }
}

/** The `code` of any thrown value, or `undefined` where it has none. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The message of any thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
