import * as assert from 'uvu/assert'

/** As `assert.equal`, with both sides in the message, which is all that fast-check passes on. */
export function same(what: string, seen: readonly string[], expected: readonly string[]): void {
  assert.is(
    seen.join('\n'),
    expected.join('\n'),
    `${what}: ${seen.join(', ')}\nexpected: ${expected.join(', ')}`,
  )
}
