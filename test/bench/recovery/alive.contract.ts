import { defineContract } from '../../../supervisor/runtime/actor-side.ts'

export interface AliveApi {
  /** Idempotent. */
  life(): Promise<number>
}

const options = { idempotent: ['life'] } as const

/** The same actor three times: on a thread, on a thread with another one warm behind it, and in a process. */
export const thread = defineContract<AliveApi>({ name: 'thread', ...options })
export const spare = defineContract<AliveApi>({ name: 'spare', ...options })
export const apart = defineContract<AliveApi>({ name: 'apart', ...options })
