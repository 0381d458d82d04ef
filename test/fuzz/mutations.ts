import type { SeededRandom } from '../support/seeded-random.ts'

const pickOf = <T>(random: SeededRandom, choice: readonly [T, ...T[]]): T =>
  choice[random.below(choice.length)] ?? choice[0]

const noise = (random: SeededRandom, length: number) =>
  Buffer.from(Array.from({ length }, () => random.below(256)))

/** Pieces of CBOR that decoders have stumbled over. */
const cbor = [
  [0x1b, ...Array<number>(8).fill(0xff)], // the largest integer
  [0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0], // 2^53, which no number of JavaScript tells from the next
  [0x3b, ...Array<number>(8).fill(0xff)], // the smallest integer
  [0x18, 1], // 1 in two bytes, which is not canonical
  [0xf9, 0x7e, 0], // NaN
  [0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], // infinity
  [0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], // 1 as a float
  [0xf7], // undefined
  [0x9f], // a list without an end
  [0xbf], // a map without an end
  [0x9b, 0, 0, 0, 1, 0, 0, 0, 0], // a list of 2^32 that is not there
  [0xbb, 0, 0, 0, 1, 0, 0, 0, 0], // as many entries of a map
  [0x5b, 0, 0, 0, 1, 0, 0, 0, 0], // as many bytes
  [0xc1, 0], // a tag
  [0xd8, 0x2a, 0x41, 0], // a CID that is none
  [0x69, ...Buffer.from('__proto__'), 0xa0],
  [0x6b, ...Buffer.from('constructor'), 1],
  [0x63, 0xed, 0xa0, 0x80], // half of a surrogate pair, which is not UTF-8
]

const json = [
  ...['1e999', '-0', '9007199254740993', '1.5', '1e300', 'null', 'true', '[]', '{}', '""', '"\\ud800"'],
  ...['"__proto__":{"admin":true},', '"constructor":1,', '"toString":null,', '"\\u0000"', '\uFEFF', 'NaN'],
]

/** How deep or long a structure is made at most; more is only made now and then, since it takes its time. */
const many = (random: SeededRandom) => (random.below(50) === 0 ? 60_000 : 1 + random.below(200))

/** The bytes as they are, with a few of them changed, cut out, put in, or repeated. */
export function mutatedBytes(random: SeededRandom, original: Uint8Array): Uint8Array {
  let bytes = Buffer.from(original)
  const changes = 1 + random.below(4)
  for (let change = 0; change < changes && bytes.length > 0; change++) {
    const at = random.below(bytes.length)
    const length = 1 + random.below(8)
    const withPiece = (piece: Uint8Array, over: number) =>
      Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + over)])
    switch (random.below(9)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
        break
      case 1:
        bytes[at] = random.below(256)
        break
      case 2:
        bytes = withPiece(Buffer.alloc(0), length)
        break
      case 3:
        bytes = withPiece(noise(random, length), 0)
        break
      case 4:
        bytes = withPiece(bytes.subarray(at, at + length), 0)
        break
      case 5:
        bytes = bytes.subarray(0, at)
        break
      case 6:
        bytes = withPiece(Buffer.from(cbor[random.below(cbor.length)] ?? []), random.below(2))
        break
      case 7:
        // Lists and maps of one, in each other.
        bytes = withPiece(Buffer.alloc(many(random), pickOf(random, [0x81, 0xa1, 0x9f])), 1)
        break
      case 8:
        bytes = noise(random, random.below(200))
    }
  }
  return bytes
}

/** The same for text: JSON, as it came. */
export function mutatedText(random: SeededRandom, original: string): string {
  let text = original
  const changes = 1 + random.below(3)
  for (let change = 0; change < changes; change++) {
    const at = random.below(text.length + 1)
    const length = 1 + random.below(8)
    const withPiece = (piece: string, over: number) => text.slice(0, at) + piece + text.slice(at + over)
    switch (random.below(8)) {
      case 0:
        text = withPiece(String.fromCharCode(random.below(0x1_0000)), 1)
        break
      case 1:
        text = withPiece('', length)
        break
      case 2:
        text = withPiece(text.slice(at, at + length), 0)
        break
      case 3:
        text = text.slice(0, at)
        break
      case 4:
        text = withPiece(json[random.below(json.length)] ?? '', random.below(2))
        break
      case 5: {
        const [open, close] = pickOf(random, [['[', ']'] as const, ['{"a":', '}'] as const])
        const depth = many(random)
        text = withPiece(open.repeat(depth) + '0' + close.repeat(depth), 1)
        break
      }
      case 6:
        text = withPiece('0,'.repeat(many(random)), 0)
        break
      case 7:
        // One that fits as well: another digit, another letter of base64.
        text = withPiece(text.charAt(random.below(text.length + 1)), 1)
    }
  }
  return text
}

const values: readonly ((random: SeededRandom) => unknown)[] = [
  () => null,
  () => -1,
  () => 0.5,
  () => 1e300,
  () => Number.MAX_SAFE_INTEGER + 1,
  () => Number.MAX_SAFE_INTEGER,
  () => 0,
  () => '',
  () => '\ud800',
  () => 'x'.repeat(5_000),
  () => [],
  () => ({}),
  () => true,
  (random) => Array<number>(many(random)).fill(0),
  (random) => noise(random, random.below(70)).toString('base64'),
  (random) => noise(random, random.below(70)),
]

/** A value in which one part is another, is missing, is there twice or has one more beside it. */
export function mutatedValue(random: SeededRandom, value: unknown): unknown {
  const other = () => (values[random.below(values.length)] ?? values[0])?.(random)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || random.below(6) === 0)
    return other()
  if (Array.isArray(value)) {
    const items: unknown[] = [...(value as readonly unknown[])]
    const at = random.below(items.length + 1)
    const kind = random.below(4)
    if (kind === 0) return items.toSpliced(at, 1)
    if (kind === 1) return items.toSpliced(at, 0, items[at] ?? other())
    if (kind === 2) return items.toReversed()
    return items.map((item, index) => (index === at ? mutatedValue(random, item) : item))
  }
  const entries: [string, unknown][] = Object.entries(value)
  const at = random.below(entries.length)
  const kind = random.below(5)
  if (kind === 0) return Object.fromEntries(entries.toSpliced(at, 1))
  if (kind === 1) return Object.fromEntries([...entries, ['extra', other()]])
  return Object.fromEntries(
    entries.map(([key, part], index) => [key, index === at ? mutatedValue(random, part) : part]),
  )
}

/** JSON of a value that is as it was agreed, or almost, or text that hardly is JSON any more. */
export function jsonLike(random: SeededRandom, valid: unknown): string {
  const text = JSON.stringify(random.below(3) > 0 ? mutatedValue(random, valid) : valid)
  return random.below(3) === 0 ? mutatedText(random, text) : text
}
