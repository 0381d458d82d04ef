import { inspect } from 'node:util'
import { UnitedError } from '../../shared/errors.ts'
import { MalformedError } from '../../shared/schema.ts'

/** Something took what it must not take, or refused it in a way that is none of its own. */
export class Unsound extends Error {}

/** Whether `read` takes its input. @throws Unsound where it refuses with anything but an error that says why */
export function takes(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    return refusal(error)
  }
}

/** The same for what is answered later. */
export async function takesLater(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): false {
  if (error instanceof Unsound) throw error
  if (error instanceof UnitedError && /^[a-z-]+$/.test(error.code)) return false
  throw new Unsound(`it threw something else: ${inspect(error)}`, { cause: error })
}

/** What came as text, as every wire of ours reads it. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MalformedError('the text', 'it is not JSON', { cause })
  }
}

const poisonous = new Set(['__proto__', 'constructor', 'prototype', 'toString'])

/** What every accepted value is made of: numbers that are exact, and no key that an object has of itself. */
export function requireSound<T>(value: T): T {
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'number' && !(Number.isFinite(next) && Math.abs(next) <= Number.MAX_SAFE_INTEGER))
      throw new Unsound(`it took the number ${next}`)
    if (typeof next === 'bigint') throw new Unsound(`it took the bigint ${next}`)
    if (typeof next !== 'object' || next === null || next instanceof Uint8Array) continue
    const bad = Object.keys(next).find((key) => poisonous.has(key))
    if (bad !== undefined) throw new Unsound(`it took the key ${bad}`)
    for (const part of Object.values<unknown>(next as Record<string, unknown>)) left.push(part)
  }
  return value
}
