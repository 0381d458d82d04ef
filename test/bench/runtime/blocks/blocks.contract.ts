import { defineContract } from '../../../../supervisor/runtime/actor-side.ts'

export interface SourceApi {
  /** Sends blocks to the sink for so long, as many at a time. @returns blocks per second */
  run(inFlight: number, forMs: number): Promise<number>
  /** Bounces a few blocks off the sink for so long. @returns blocks per second */
  bounce(forMs: number): Promise<number>
}

export interface SinkApi {
  /** @returns its length */
  take(block: ArrayBuffer): Promise<number>
  /** Gives the block back. */
  pass(block: ArrayBuffer): Promise<ArrayBuffer>
}

export const source = defineContract<SourceApi>({ name: 'source' })
export const sink = defineContract<SinkApi>({ name: 'sink' })
