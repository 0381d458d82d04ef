import type { CallFrame } from '../wire.ts'

/**
 * The arguments of a call as the flight recorder may keep them.
 * @returns undefined when one of them is no plain value, such as a callback: a record of it could not be used again
 */
export function payloadOf({ argumentList = [] }: CallFrame): unknown[] | undefined {
  const payload: unknown[] = []
  for (const argument of argumentList) {
    if (argument.type !== 'RAW') return undefined
    payload.push(argument.value)
  }
  return payload
}
