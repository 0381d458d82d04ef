/** What tests look at in an error. */
export type Rejection = Error &
  Partial<Record<'code' | 'details' | 'remoteStack' | 'incarnation' | 'actor', unknown>>

/**
 * The error with which `promise` rejects.
 * @throws Error when it does not reject
 */
export async function rejection(promise: Promise<unknown>): Promise<Rejection> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`rejected with ${String(error)}, which is no error`, { cause: error })
  }
  throw new Error(`resolved with ${JSON.stringify(value)} where an error was expected`)
}
