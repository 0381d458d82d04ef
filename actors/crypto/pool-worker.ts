import { isSignedBy, type Signed } from '../../shared/signature.ts'

/** What a thread of the pool does: one slice of a page. */
export default function verifySlice(slice: Signed[]): boolean[] {
  return slice.map(isSignedBy)
}
