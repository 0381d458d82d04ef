import { errorCode } from '../errors.ts'

/**
 * Does work that is safe to repeat again when an answer went missing on the way (`deadline`). For what nobody waits
 * for, so that nobody else would ask again.
 * @param tries how often in all. @default 5
 * @throws what the last try threw, or at once what is no missing answer
 */
export async function askAgain<T>(work: () => Promise<T>, tries = 5): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (errorCode(error) !== 'deadline' || attempt >= tries) throw error
    }
  }
}
