/** For actors that ask again. Apart from `actor-side.ts`, since most do not and every module takes time at every start. */
export { askAgain } from './calls/ask-again.ts'
export { backoffMs, type Backoff } from './tree/backoff.ts'
