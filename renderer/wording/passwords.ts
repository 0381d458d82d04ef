import { limits } from '../../shared/limits.ts'

export interface Strength {
  /** 0 is too short, 3 is the best. */
  level: 0 | 1 | 2 | 3
  words: string
}

/** Judges by length alone: that is what counts against guessing, and a rule that can be said in a line. */
export function strengthOf(password: string): Strength {
  const { min } = limits.password
  if (password.length < min)
    return { level: 0, words: `At least ${min} characters, ${min - password.length} to go` }
  if (password.length < 12) return { level: 1, words: 'Fair. Twelve characters or more are better' }
  if (password.length < 16) return { level: 2, words: 'Good' }
  return { level: 3, words: 'Strong' }
}
