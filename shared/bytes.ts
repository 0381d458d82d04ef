import Type from 'typebox'

/** A schema for raw bytes between two lengths (both included), in memory and in DAG-CBOR. */
export function Bytes(min: number, max: number = min) {
  return Type.Refine(
    Type.Unsafe<Uint8Array>({}),
    (value) => value instanceof Uint8Array && value.byteLength >= min && value.byteLength <= max,
    () => (min === max ? `must be ${min} bytes` : `must be ${min} to ${max} bytes`),
  )
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
