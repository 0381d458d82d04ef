import { bridgePath, type Bridge } from '../../shared/bridge.ts'
import { CheckedBridge } from './checked-bridge.ts'
import { PreloadCarrier } from './preload-carrier.ts'
import { WebSocketCarrier } from './websocket-carrier.ts'

let current: Bridge | undefined

/** The window's one bridge, opened when it is first used: through Electron's preload, or else by WebSocket. */
export function useBridge(): Bridge {
  current ??= open()
  return current
}

function open(): Bridge {
  if (window.united) return new CheckedBridge(new PreloadCarrier(window.united))
  const url = new URL(bridgePath, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const carrier = new WebSocketCarrier(url)
  const bridge = new CheckedBridge(carrier)
  carrier.start()
  return bridge
}
