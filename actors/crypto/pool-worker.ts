import type { Signed } from './contract.ts'
import { verify } from './verify.ts'

/** What a thread of the pool does: one slice of a page. */
export default function verifySlice(slice: Signed[]): boolean[] {
  return slice.map(verify)
}
