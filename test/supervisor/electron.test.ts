import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type Page } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { electronBinary } from '../../supervisor/electron/binary.ts'
import { ensureWindowIsBuilt } from '../../supervisor/window-build.ts'
import { startServerProgram } from '../support/server-program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

async function register(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Register' }).click()
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password', { exact: true }).fill('a long enough password')
  await page.getByRole('button', { name: 'Create account' }).click()
}

test('the app in Electron registers, talks, and keeps its window apart from Node', async () => {
  const executablePath = electronBinary()
  if (!executablePath) {
    console.log('\nskipped: Electron’s binary is not on this machine')
    return
  }
  await ensureWindowIsBuilt(console.log)
  const folder = temporaryFolder()
  const server = await startServerProgram(join(folder.path, 'server'))
  const app = await _electron.launch({
    executablePath,
    args: [root, '--server', server.url, '--data', folder.path],
  })
  try {
    const page = await app.firstWindow()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    await register(page)
    await page.getByRole('button', { name: 'New channel' }).first().click()
    await page.getByLabel('Channel name').fill('general')
    await page.getByRole('button', { name: 'Create channel' }).click()
    const composer = page.getByRole('textbox', { name: 'Message #general' })
    await composer.fill('hello from Electron')
    await composer.press('Enter')
    const row = page.locator('li[data-message-id][data-state="confirmed"]')
    await row.waitFor()
    assert.match(await row.innerText(), 'hello from Electron')

    const seen = await page.evaluate(() => {
      const own = globalThis as unknown as Record<string, unknown>
      return ['require', 'process', 'module', 'Buffer', 'ipcRenderer'].map((name) => typeof own[name])
    })
    assert.equal(seen, ['undefined', 'undefined', 'undefined', 'undefined', 'undefined'])
    const bridge = await page.evaluate(() =>
      Object.keys((globalThis as unknown as { united: object }).united).toSorted(),
    )
    assert.equal(bridge, ['invoke', 'on'])
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [first] = BrowserWindow.getAllWindows()
      const contents = first?.webContents as unknown as {
        getLastWebPreferences(): { contextIsolation: boolean; sandbox: boolean; nodeIntegration: boolean }
      }
      const { contextIsolation, sandbox, nodeIntegration } = contents.getLastWebPreferences()
      return { contextIsolation, sandbox, nodeIntegration }
    })
    assert.equal(preferences, { contextIsolation: true, sandbox: true, nodeIntegration: false })
    assert.equal(complaints, [])
  } finally {
    await app.close()
    await server.stop()
    folder.remove()
  }
})

test.run()
