import * as Comlink from './comlink.ts'
import type { Transferable } from 'node:worker_threads'
import { markedForTransfer } from './transfer.ts'
import type { WireValue } from './wire.ts'

/** A value ready to be posted. */
export interface Encoded {
  value: WireValue
  /** About how much memory a clone of it takes, bytes. */
  bytes: number
}

/** Where a value that is passed by reference finds the other side. */
export interface Passage {
  /** Makes `target` callable from the other side. @returns the number it has there */
  lend(target: object): number
  /** Whether `target` was borrowed itself, here or on another passage. */
  isBorrowed(target: object): boolean
  /** @returns what stands for the other side's number here */
  borrow(number: number): unknown
}

/** Name of our wire form of `Comlink.proxy`: a number on the port that is there, instead of a port of its own. */
const borrowed = 'borrowed'

/**
 * Does what Comlink's `toWireValue` does, which it does not export: custom transfer handlers, `Comlink.proxy` and
 * `Comlink.transfer` all work. Transfers are added to `transfer`.
 */
export function encodeValue(value: unknown, passage: Passage, transfer: Transferable[]): Encoded {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return { value: { type: 'RAW', value }, bytes: measurePrimitive(value) }
  }
  // What was borrowed is passed on as what it is; functions are nothing else that could be passed.
  if (Comlink.proxyMarker in value || (typeof value === 'function' && passage.isBorrowed(value))) {
    return { value: { type: 'HANDLER', name: borrowed, value: passage.lend(value) }, bytes: 8 }
  }
  for (const [name, handler] of Comlink.transferHandlers) {
    if (!handler.canHandle(value)) continue
    const [wire, transferables] = handler.serialize(value)
    transfer.push(...(transferables as Transferable[]))
    return { value: { type: 'HANDLER', name, value: wire }, bytes: measure(wire).bytes }
  }
  const { bytes, transferable } = measure(value)
  if (transferable) transfer.push(...markedForTransfer(value))
  return { value: { type: 'RAW', value }, bytes }
}

export function decodeValue(wire: WireValue, passage: Passage): unknown {
  if (wire.type === 'RAW') return wire.value
  if (wire.name === borrowed) return passage.borrow(wire.value as number)
  const handler = Comlink.transferHandlers.get(wire.name)
  if (!handler) throw new TypeError(`No Comlink transfer handler is named ${wire.name}`)
  return handler.deserialize(wire.value)
}

/** A value with more parts than this, or nested deeper, is not walked to its end. */
const mostParts = 10_000
const deepest = 500
const perValue = 8
/** Buffers below this are copied, marked for transfer or not: looking for the mark takes longer, bytes. */
const worthTransferring = 16 * 1024

/**
 * About the memory of a clone, bytes, and whether there is anything in it that could be transferred. A value too large
 * to be walked counts as what was seen of it, and as possibly transferable.
 */
export function measure(value: unknown): { bytes: number; transferable: boolean } {
  let bytes = 0
  let parts = 0
  let transferable = false
  const walk = (part: unknown, depth: number): void => {
    if (typeof part !== 'object' || part === null) {
      bytes += measurePrimitive(part)
      return
    }
    bytes += perValue
    if (++parts > mostParts || depth > deepest) {
      transferable = true
      return
    }
    if (ArrayBuffer.isView(part)) {
      bytes += part.byteLength
      transferable ||= part.byteLength >= worthTransferring
    } else if (part instanceof ArrayBuffer || part instanceof SharedArrayBuffer) {
      bytes += part.byteLength
      transferable ||= part.byteLength >= worthTransferring
    } else if (Array.isArray(part)) {
      for (const item of part) walk(item, depth + 1)
    } else if (part instanceof Map) {
      for (const [key, item] of part) {
        walk(key, depth + 1)
        walk(item, depth + 1)
      }
    } else if (part instanceof Set) {
      for (const item of part) walk(item, depth + 1)
    } else {
      // Of what is no plain object little is known: it may be a port or a stream.
      transferable ||= !isPlain(part)
      for (const key in part) {
        bytes += key.length
        walk((part as Record<string, unknown>)[key], depth + 1)
      }
    }
  }
  walk(value, 0)
  return { bytes, transferable }
}

/** About what the arguments of a call take as clones, bytes. */
export function measureArguments(args: readonly WireValue[] = []): number {
  let bytes = 0
  for (const { value } of args) bytes += measure(value).bytes
  return bytes
}

function isPlain(part: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(part)
  return prototype === Object.prototype || prototype === null
}

function measurePrimitive(value: unknown): number {
  return typeof value === 'string' ? perValue + value.length : perValue
}
