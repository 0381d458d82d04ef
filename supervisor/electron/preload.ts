import { contextBridge, ipcRenderer } from 'electron'
import type { BridgeAnswer, BridgeEvent, PreloadBridge } from '../../shared/bridge.ts'
import { eventChannel, requestChannel } from './channels.ts'

/** All that the window gets from Electron: the bridge, and nothing of `ipcRenderer` itself. */
const bridge: PreloadBridge = {
  invoke: (method, params) => ipcRenderer.invoke(requestChannel, method, params) as Promise<BridgeAnswer>,
  on(handler) {
    ipcRenderer.on(eventChannel, (_event, name: BridgeEvent, data: unknown) => handler(name, data))
  },
}
contextBridge.exposeInMainWorld('united', bridge)
