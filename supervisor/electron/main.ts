import { app, BrowserWindow, dialog, ipcMain } from 'electron'
import { join } from 'node:path'
import type { BridgeAnswer } from '../../shared/bridge.ts'
import { bridgeRequests } from '../../shared/bridge.ts'
import { errorMessage } from '../../shared/errors.ts'
import { answerAboutActors } from '../actor-commands.ts'
import { answerCommands } from '../command-socket.ts'
import { CpuBudget } from '../cpu-budget.ts'
import { isolationOverrides } from '../desktop-tree.ts'
import { Desktop, profileFolder } from '../desktop.ts'
import { parseOptions } from '../options.ts'
import { windowFolder } from '../window-build.ts'
import { eventChannel, requestChannel } from './channels.ts'
import { spawnUnpackedThread } from './unpacked.ts'
import { spawnUtilityProcess } from './utility-process.ts'
import { openWindow, registerWindowScheme, serveWindowFiles, windowOrigin } from './window.ts'

/** Electron's main process: the same desktop as under Node, with a window of Electron's. */
registerWindowScheme()

async function run(): Promise<void> {
  const options = parseOptions(process.argv.slice(app.isPackaged ? 1 : 2))
  const { dataFolder, profile, server = `http://127.0.0.1:${options.port}` } = options
  const folder = profileFolder({ dataFolder, profile })
  app.setPath('userData', join(folder, 'window'))
  await app.whenReady()

  const isolations = { thread: spawnUnpackedThread, process: spawnUtilityProcess }
  const supervision = { overrides: isolationOverrides(options.isolations) }
  const desktop = new Desktop({ dataFolder, profile, server, lan: options.lan, isolations, supervision })
  const budget =
    options.cpuPercent === undefined ? undefined : new CpuBudget(desktop.supervisor, options.cpuPercent)
  const closeCommands = await answerCommands(
    folder,
    answerAboutActors(desktop.desk, {
      address: () => {
        BrowserWindow.getAllWindows()[0]?.show()
        return null
      },
      deliveryTimes: () => desktop.deliveryTimes(),
    }),
  )
  stopBeforeQuit(async () => {
    await closeCommands()
    await desktop.stop()
    for (const line of budget?.table ?? []) console.log(line)
  })

  ipcMain.handle(requestChannel, (event, method: unknown, params: unknown): Promise<BridgeAnswer> => {
    if (event.senderFrame?.origin !== windowOrigin) throw new Error('The bridge belongs to the window alone')
    return desktop.bridge.invoke(bridgeRequests.check({ id: 1, method, params }).method, params)
  })
  desktop.bridge.subscribe((event, data) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send(eventChannel, event, data)
  })
  serveWindowFiles(windowFolder)
  await desktop.start()
  await openWindow(join(windowFolder, 'preload.cjs'))
}

/** Every way of ending Electron passes here once; it goes on when the tree has stopped. */
function stopBeforeQuit(stop: () => Promise<void>): void {
  let stopped = false
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    if (stopped) return
    event.preventDefault()
    stop()
      .catch((error: unknown) => console.error(error))
      .finally(() => {
        stopped = true
        app.quit()
      })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
}

run().catch((error: unknown) => {
  dialog.showErrorBox('UNITED did not start', errorMessage(error))
  app.exit(1)
})
