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

/** Values of which it is looked what is wrong with them. The search goes through all of a value, some 2 µs for each part. */
const explainedParts = 2_000

/** Whether a value has at most so many parts, without going through more of it than that. */
function isSmall(value: unknown): boolean {
  const left = [value]
  for (let parts = 1; left.length > 0;) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null || next instanceof Uint8Array) continue
    const inside: unknown[] = Array.isArray(next) ? next : Object.values(next)
    parts += inside.length
    if (parts > explainedParts) return false
    left.push(...inside)
  }
  return true
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
      if (!isSmall(value)) throw new MalformedError(what, 'it has another shape, and very many parts')
      const first = compiled.Errors(value)[0]
      throw new MalformedError(
        what,
        first ? `${first.instancePath || 'it'} ${first.message}` : 'unknown shape',
      )
    },
  }
}
