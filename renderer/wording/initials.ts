/** One or two letters that stand for a name: of its first two words, or else its first letter. */
export function initials(name: string): string {
  const words = name.split(/[._-]+/u).filter((word) => word !== '')
  const letters = words.slice(0, 2).map((word) => Array.from(word)[0] ?? '')
  return (letters.join('') || '?').toUpperCase()
}
