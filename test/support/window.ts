import { chromium, type Browser, type Page } from 'playwright-core'
import { findBrowser } from '../../supervisor/browser/find-browser.ts'

const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser for tests, or undefined where this machine has none. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const browser = findBrowser()
  return browser && chromium.launch({ executablePath: browser.binary, args: flags })
}

export interface ShownMessage {
  id: string
  text: string
  state: string
  seq: number | undefined
}

/** As much of a DOM element as is read: the code that reads it runs in the page. */
interface Row {
  getAttribute(name: string): string | null
  querySelector(selector: string): { textContent: string | null } | null
}
interface Scroller {
  scrollTop: number
  readonly scrollHeight: number
  readonly clientHeight: number
}

/** One person at one window: what they do and what they see. */
export class Window {
  readonly page: Page
  /** Errors of the page: exceptions, and whatever its console calls an error. */
  readonly complaints: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
  }

  static async open(browser: Browser, address: string): Promise<Window> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const window = new Window(await context.newPage())
    await window.page.goto(address)
    return window
  }

  async register(name: string, password: string): Promise<void> {
    const { page } = this
    await page.getByRole('tab', { name: 'Register' }).click()
    await this.#credentials(name, password)
    await page.getByRole('button', { name: 'Create account' }).click()
  }

  async logIn(name: string, password: string): Promise<void> {
    const { page } = this
    await page.getByRole('tab', { name: 'Log in' }).click()
    await this.#credentials(name, password)
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
  }

  async #credentials(name: string, password: string): Promise<void> {
    await this.page.getByLabel('Name').fill(name)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
  }

  async createChannel(name: string, topic: string): Promise<void> {
    const { page } = this
    await page.getByRole('button', { name: 'New channel' }).first().click()
    await page.getByLabel('Channel name').fill(name)
    await page.getByLabel('Topic').fill(topic)
    await page.getByRole('button', { name: 'Create channel' }).click()
    await this.composer(name).waitFor()
  }

  async joinChannel(name: string): Promise<void> {
    const { page } = this
    await page.locator('[data-channel-id]', { hasText: name }).getByRole('button', { name: 'Join' }).click()
    await this.composer(name).waitFor()
  }

  composer(channel: string) {
    return this.page.getByRole('textbox', { name: `Message #${channel}` })
  }

  async say(channel: string, text: string): Promise<void> {
    await this.composer(channel).fill(text)
    await this.composer(channel).press('Enter')
  }

  /**
   * Every message of the shown channel, in shown order. Only those near the view are in the document, so a long channel
   * is scrolled through from its first message; the view ends at the newest.
   */
  async messages(): Promise<ShownMessage[]> {
    const rows = new Map<number, ShownMessage>()
    const inDocument = this.page.locator('li[data-row]')
    const read = async (): Promise<number> => {
      const found = await inDocument.evaluateAll((elements: readonly Row[]) =>
        elements.map((row) => ({
          row: Number(row.getAttribute('data-row')),
          count: Number(row.getAttribute('aria-setsize')),
          message: {
            id: row.getAttribute('data-message-id') ?? '',
            text: row.querySelector('.message-text')?.textContent ?? '',
            state: row.getAttribute('data-state') ?? '',
            seq: Number(row.getAttribute('data-seq')) || undefined,
          },
        })),
      )
      for (const { row, message } of found) if (message.id !== '') rows.set(row, message)
      return found[0]?.count ?? 0
    }
    const count = await read()
    const scroller = this.page.getByRole('region', { name: /^Messages in/ })
    for (let top = 0, end = false; rows.size < count && !end; await read()) {
      end = await scroller.evaluate(scrollTo, top)
      top += 300
    }
    if (count > 0) await scroller.evaluate(scrollTo, Number.MAX_SAFE_INTEGER)
    return [...rows].toSorted(([a], [b]) => a - b).map(([, message]) => message)
  }

  async openActors(): Promise<void> {
    const panel = this.page.locator('[data-actor]').first()
    if (!(await panel.isVisible())) await this.page.getByRole('button', { name: 'Actors' }).click()
    await panel.waitFor()
  }

  async kill(actor: string): Promise<void> {
    await this.openActors()
    await this.page.getByRole('button', { name: `Kill ${actor}` }).click()
  }
}

/** Runs in the page. @returns whether that is its end */
async function scrollTo(scroller: Scroller, top: number): Promise<boolean> {
  scroller.scrollTop = top
  // Two frames: one in which the rows are drawn, one in which they have their heights.
  for (let frame = 0; frame < 2; frame++)
    await new Promise((resolve) => requestAnimationFrame(() => resolve(undefined)))
  return top + scroller.clientHeight >= scroller.scrollHeight
}

declare const requestAnimationFrame: (then: () => void) => void
