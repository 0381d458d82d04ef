import { defineContract } from '../../../../supervisor/runtime/actor-side.ts'

export interface EchoApi {
  /** Idempotent. */
  echo(value: number): Promise<number>
  /** Only counts. */
  take(payload: Uint8Array): Promise<void>
  /** How many it took since it was last asked. */
  count(): Promise<number>
}

export const echo = defineContract<EchoApi>({ name: 'echo', idempotent: ['echo'] })
