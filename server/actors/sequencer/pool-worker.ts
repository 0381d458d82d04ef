import { prove, type Proof } from './proof.ts'

/** Envelopes end to end in one piece of memory, which changes hands instead of being copied one by one. */
export interface Slice {
  bytes: Uint8Array<ArrayBuffer>
  lengths: number[]
}

/** What a thread of the pool does: one slice of a group. */
export default function proveSlice({ bytes, lengths }: Slice): Proof[] {
  let end = 0
  return lengths.map((length) => prove(bytes.subarray(end, (end += length))))
}
