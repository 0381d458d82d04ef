import type { BridgeAnswer, BridgeEvent, BridgeMethod } from '../../shared/bridge.ts'

/** A way to the host. It carries params, results and event data unchecked: `checked-bridge.ts` knows their shapes. */
export interface Carrier {
  invoke(method: BridgeMethod, params: unknown): Promise<BridgeAnswer>
  onEvent(handler: (event: BridgeEvent, data: unknown) => void): void
  /** Tells the present state at once, then every change of it. */
  onConnection(handler: (connected: boolean) => void): () => void
}
