export interface Attention {
  /** The highest place that was read. */
  read: number
  /** How many messages of others lie beyond it. */
  unread: number
  /** Whether somebody is at the window. */
  here: boolean
  /** Whether the newest messages are what they look at. */
  atEnd: boolean
}

/**
 * Where the line "new" is drawn: above the first message that came while nobody looked. It stays there while they
 * read on, and goes when they turn away with everything read.
 *
 * @param line the place that it is drawn above so far; null for none
 */
export function unreadLine(line: number | null, { read, unread, here, atEnd }: Attention): number | null {
  if (unread === 0) return here ? line : null
  return line === null && !(here && atEnd) ? read + 1 : line
}
