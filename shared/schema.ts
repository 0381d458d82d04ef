import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { UnitedError } from './errors.ts'

/** What came in does not have the agreed shape. Nothing of it was used. */
export class MalformedError extends UnitedError {
  constructor(what: string, reason: string, options?: ErrorOptions) {
    super('malformed', `${what} is malformed: ${reason}`, options)
  }
}

/** A compiled schema: `check` returns the value with its type, or throws. */
export interface Checker<T> {
  /** @throws MalformedError when `value` does not fit the schema */
  check(value: unknown): T
  matches(value: unknown): value is T
}

/**
 * Compiles `schema` once for many checks.
 * @param what names the thing in the error, as a person would: "a control frame"
 */
export function checker<S extends TSchema>(what: string, schema: S): Checker<Static<S>> {
  const compiled = Compile(schema)
  const matches = (value: unknown): value is Static<S> => compiled.Check(value)
  return {
    matches,
    check(value) {
      if (matches(value)) return value
      const first = compiled.Errors(value)[0]
      throw new MalformedError(
        what,
        first ? `${first.instancePath || 'it'} ${first.message}` : 'unknown shape',
      )
    },
  }
}
