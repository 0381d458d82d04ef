import type { BridgeAnswer, BridgeEvent, BridgeMethod, PreloadBridge } from '../../shared/bridge.ts'
import type { Carrier } from './carrier.ts'

declare global {
  interface Window {
    /** Put there by Electron's preload; absent in a browser. */
    readonly united?: PreloadBridge
  }
}

/** Electron's way: the host is the process that owns this window, so it is there as long as the window is. */
export class PreloadCarrier implements Carrier {
  readonly #preload: PreloadBridge

  constructor(preload: PreloadBridge) {
    this.#preload = preload
  }

  invoke(method: BridgeMethod, params: unknown): Promise<BridgeAnswer> {
    return this.#preload.invoke(method, params)
  }

  onEvent(handler: (event: BridgeEvent, data: unknown) => void): void {
    this.#preload.on(handler)
  }

  onConnection(handler: (connected: boolean) => void): () => void {
    handler(true)
    return () => undefined
  }
}
