import sodium from 'sodium-native'
import type { KeyMemoryKind } from './contract.ts'

/** Electron's memory cage refuses buffers outside the V8 heap, and with them libsodium's guarded pages. */
function canGuard(): boolean {
  try {
    sodium.sodium_memzero(sodium.sodium_malloc(32))
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  }
}

function canLock(): boolean {
  const probe = Buffer.alloc(32)
  try {
    sodium.sodium_mlock(probe)
    sodium.sodium_munlock(probe)
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  }
}

export const keyMemoryKind: KeyMemoryKind = canGuard() ? 'guarded' : canLock() ? 'locked' : 'plain'

/** A buffer for a key, in the best memory there is; `forget` it when done. */
export function keyBuffer(bytes: number): Buffer {
  if (keyMemoryKind === 'guarded') return sodium.sodium_malloc(bytes)
  const buffer = Buffer.alloc(bytes)
  if (keyMemoryKind === 'locked') sodium.sodium_mlock(buffer)
  return buffer
}

export function forget(key: Buffer): void {
  if (keyMemoryKind === 'locked') sodium.sodium_munlock(key)
  sodium.sodium_memzero(key)
}
