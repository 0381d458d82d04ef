import * as Comlink from './comlink.ts'
import type { ReplyFrame } from './wire.ts'

/** An error as it crosses a port: all that a caller may want, in structured-clone form. */
export interface WireFault {
  name: string
  message: string
  stack?: string
  code?: string
  details?: unknown
  cause?: WireFault
}

/** An error that was thrown on the other side of a port: `stack` is where it was called from, `remoteStack` where it was thrown. */
export class RemoteError extends Error {
  readonly code: string | undefined
  readonly details: unknown
  readonly remoteStack: string | undefined

  constructor(fault: WireFault) {
    super(fault.message, fault.cause ? { cause: new RemoteError(fault.cause) } : undefined)
    this.name = fault.name
    this.code = fault.code
    this.details = fault.details
    this.remoteStack = fault.stack
  }
}

/** Causes deeper than this are cut, so that a cycle cannot hang the codec. */
const deepestCause = 8

export function encodeFault(thrown: unknown, depth = 0): WireFault {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) }
  const name = thrown.name === 'Error' ? thrown.constructor.name : thrown.name
  const fault: WireFault = { name, message: thrown.message }
  if (thrown.stack !== undefined) fault.stack = thrown.stack
  if ('code' in thrown && typeof thrown.code === 'string') fault.code = thrown.code
  if ('details' in thrown) fault.details = thrown.details
  if (thrown.cause !== undefined && depth < deepestCause) fault.cause = encodeFault(thrown.cause, depth + 1)
  return fault
}

/** What Comlink's `throw` handler puts on the wire. `local` never crosses one: it settles a call on its own side. */
type Thrown = { isError: true; value: WireFault } | { isError: true; local: Error }

/** A Comlink reply that makes call `id` reject with `error`, as if the other side had thrown it. */
export function thrownReply(id: number | string, error: Error): ReplyFrame {
  const value: Thrown = { isError: true, local: error }
  return { id, type: 'HANDLER', name: 'throw', value }
}

/** As `thrownReply`, for a reply that crosses a wire. */
export function faultReply(id: number | string, error: unknown): ReplyFrame {
  const value: Thrown = { isError: true, value: encodeFault(error) }
  return { id, type: 'HANDLER', name: 'throw', value }
}

// Comlink's own handler keeps message, name and stack only. Its wire form stays, so plain Comlink can read ours.
const plain = Comlink.transferHandlers.get('throw')
if (!plain) throw new Error('Comlink has no handler named throw')
const withCodes: Comlink.TransferHandler<unknown, Thrown> = {
  canHandle: (value): value is unknown => plain.canHandle(value),
  serialize: (thrown) => [{ isError: true, value: encodeFault((thrown as { value: unknown }).value) }, []],
  deserialize(thrown) {
    throw 'local' in thrown ? thrown.local : new RemoteError(thrown.value)
  },
}
Comlink.transferHandlers.set('throw', withCodes)
