export interface TextPart {
  text: string
  /** Where it leads, for a web address. */
  href?: string
}

const address = /https?:\/\/[^\s<>"]+/giu

/** Splits a text into plain parts and web addresses. Nothing of the text is lost or changed. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(address)) {
    const found = withoutClosing(match[0])
    if (!isWebAddress(found)) continue
    if (match.index > from) parts.push({ text: text.slice(from, match.index) })
    parts.push({ text: found, href: found })
    from = match.index + found.length
  }
  if (from < text.length) parts.push({ text: text.slice(from) })
  return parts
}

/** Leaves to the sentence what closes it: "(see https://example.org/a_(b))." ends before the last bracket. */
function withoutClosing(found: string): string {
  let end = found.length
  for (;;) {
    const last = found.charAt(end - 1)
    const bracket = last === ')' && count(found, '(', end) < count(found, ')', end)
    if (!bracket && !/[.,:;!?'’”»\]}*_~]/u.test(last)) return found.slice(0, end)
    end -= 1
  }
}

function count(text: string, char: string, end: number): number {
  return text.slice(0, end).split(char).length - 1
}

function isWebAddress(text: string): boolean {
  return URL.parse(text)?.hostname !== undefined && URL.parse(text)?.hostname !== ''
}
