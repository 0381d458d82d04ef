import { prove, type Proof } from './proof.ts'

/** What a thread of the pool does: one slice of a group. */
export default function proveSlice(slice: readonly Uint8Array[]): Proof[] {
  return slice.map(prove)
}
