/** The start of a key as people read it to each other: "3F2A 9C01 77BE 04D2". */
export function fingerprint(key: string): string {
  const bytes = Array.from(atob(key).slice(0, 8), (char) => char.charCodeAt(0))
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return (hex.toUpperCase().match(/.{4}/g) ?? []).join(' ')
}
