import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { serveWindow } from '../../supervisor/browser/window-server.ts'
import { ensureWindowIsBuilt, windowFolder } from '../../supervisor/window-build.ts'
import { eventually } from '../support/eventually.ts'
import { FakeHost, others, type FakeHostInit } from '../support/fake-host.ts'
import { launchBrowser, Window } from '../support/window.ts'

/** The real window in a real browser, before a host that answers from memory. */
const long = suite('a channel of 100,000 messages')

/** As much of the page as is used: the code that uses it runs there. */
interface Box {
  readonly top: number
  readonly bottom: number
}
interface Element {
  readonly dataset: Readonly<Record<string, string | undefined>>
  getBoundingClientRect(): Box
}
interface Scroller extends Element {
  scrollTop: number
  readonly scrollHeight: number
  readonly clientHeight: number
  querySelectorAll(selector: string): Iterable<Element>
}
declare const requestAnimationFrame: (then: () => void) => void

function atTheEnd(distance: number): void {
  assert.ok(Math.abs(distance) <= 1, `it is ${distance} px from its end`)
}

const browser = await launchBrowser()
if (!browser) {
  long('is read', () => {
    console.log('skipped: no Chrome, Chromium or Edge on this machine')
  })
} else {
  await ensureWindowIsBuilt(console.log)

  const closing: (() => Promise<void>)[] = []

  const open = async (init: FakeHostInit) => {
    const host = new FakeHost(init)
    const server = await serveWindow(host.bridge, windowFolder)
    const window = await Window.open(browser, server.freshAddress())
    const { page } = window
    const scroller = page.getByRole('region', { name: 'Messages in #general' })
    const row = (seq: number) => page.locator(`li[data-seq="${seq}"]`)
    closing.push(async () => {
      await page.context().close()
      await server.stop()
      assert.equal(window.complaints, [])
    })
    await scroller.waitFor()
    return {
      ...{ host, page, scroller, row },
      /** Where a message is, from the top of the view, in px. */
      top: async (seq: number) => {
        const [box, view] = [await row(seq).boundingBox(), await scroller.boundingBox()]
        return box && view ? box.y - view.y : NaN
      },
      scrollTo: (part: number) =>
        scroller.evaluate((element: Scroller, to) => {
          element.scrollTop = element.scrollHeight * to
        }, part),
      fromEnd: () =>
        scroller.evaluate(
          (element: Scroller) => element.scrollHeight - element.scrollTop - element.clientHeight,
        ),
      called: (method: string) => host.calls.filter((call) => call.method === method),
    }
  }

  long('opens at its newest message, with few rows in the document', async () => {
    const { row, page, fromEnd } = await open({ head: 100_000 })
    await row(100_000).getByText('100000: ').waitFor()
    atTheEnd(await fromEnd())
    assert.ok((await page.locator('li[data-row]').count()) < 80)
    assert.is(await row(100_000).getAttribute('aria-posinset'), '100000')
    assert.is(await row(100_000).getAttribute('aria-setsize'), '100000')
  })

  long('is scrolled through from end to end, with what is near the view alone in the document', async () => {
    const { row, page, scroller, called } = await open({ head: 100_000 })
    await row(100_000).waitFor()
    await scroller.evaluate(async (element: Scroller) => {
      const from = element.scrollHeight
      for (let step = 1; step <= 120; step++) {
        element.scrollTop = from * (1 - step / 120)
        await new Promise((resolve) => requestAnimationFrame(() => resolve(undefined)))
      }
    })
    await row(1).getByText('1: ').waitFor()
    assert.ok((await page.locator('li[data-row]').count()) < 80)
    assert.ok(called('messages.range').length < 100, 'what flew past was not asked for')
  })

  long('is left at one key for its first message, and at another for its newest', async () => {
    const { row, scroller } = await open({ head: 100_000 })
    await row(100_000).waitFor()
    await scroller.press('Home')
    await row(1).getByText('1: ').waitFor()
    assert.is(await scroller.evaluate((element: Scroller) => element.scrollTop), 0)
    await scroller.press('End')
    await row(100_000).waitFor()
  })

  long('does not jump while what was missing comes in above and below', async () => {
    const held = [
      { from: 1, to: 40_000 },
      { from: 50_000, to: 50_003 },
      { from: 90_000, to: 100_000 },
    ]
    const { host, row, top, scrollTo, scroller, page } = await open({ head: 100_000, held })
    await page.getByText('50,005 of 100,000 messages are on this device').waitFor()
    await scrollTo(0.49999)
    await row(50_002).waitFor()
    await scroller.hover()
    // Three pixels into a row, so that what is kept is a place and no edge.
    await page.mouse.wheel(0, 3)
    await page.waitForTimeout(200)
    const before = await top(50_002)
    for (let to = 50_050; to > 49_950; to -= 10) {
      const range = { from: to - 9, to: Math.min(to, 50_100) }
      if (range.from <= 50_003 && range.to >= 50_000) host.arrive({ from: 50_004, to: range.to })
      else host.arrive(range)
      await page.waitForTimeout(30)
      assert.ok(Math.abs((await top(50_002)) - before) <= 1, `moved after ${range.from}-${range.to} came`)
    }
  })

  long('stays at the newest message for whoever is there, and where it is for everyone else', async () => {
    const { host, row, top, page, scroller, fromEnd } = await open({ head: 100_000 })
    await row(100_000).waitFor()
    for (let n = 1; n <= 5; n++) host.say(`news ${n} `.repeat(n * 40))
    await row(100_005).waitFor()
    atTheEnd(await fromEnd())
    await eventually('they are read', () => host.channel.unread === 0)
    await scroller.hover()
    await page.mouse.wheel(0, -900)
    await page.getByRole('button', { name: /Jump to newest/ }).waitFor()
    await page.waitForTimeout(300)
    const before = await top(100_000)
    for (let n = 6; n <= 9; n++) host.say(`news ${n}`)
    await page.getByRole('button', { name: /Jump to newest · 4 new messages/ }).waitFor()
    assert.ok(Math.abs((await top(100_000)) - before) <= 1)
    await page.getByRole('button', { name: /Jump to newest/ }).click()
    await row(100_009).waitFor()
    atTheEnd(await fromEnd())
  })

  long('shows a message once on its way to its place, and lets it slide there', async () => {
    const { host, row, page, fromEnd } = await open({ head: 100_000 })
    await row(100_000).waitFor()
    host.keep('mine, and slow')
    const theirs = host.keep('theirs, and quick', 'with-peers', others[0])
    const texts = () => page.locator('li[data-row] .message-text').allInnerTexts()
    await eventually(
      'both are there',
      async () =>
        assert.equal((await texts()).slice(-2), ['mine, and slow', 'theirs, and quick']) === undefined,
    )
    const slid = page.evaluate(
      `new Promise((resolve) => { const look = () => document.getAnimations().some((a) => a.effect?.target?.matches?.('li[data-row]')) ? resolve(true) : requestAnimationFrame(look); look() })`,
    )
    host.confirm(theirs)
    assert.is(await slid, true)
    await row(100_001).waitFor()
    assert.equal((await texts()).slice(-2), ['theirs, and quick', 'mine, and slow'])
    atTheEnd(await fromEnd())
  })

  long('opens at the first unread message, and is read as far as somebody has seen', async () => {
    const { host, row, page, scroller, called } = await open({ head: 100_000, read: 99_940 })
    await row(99_941).getByText('new', { exact: true }).waitFor()
    await eventually('what is on the screen is read', () => host.channel.read > 99_941)
    assert.ok(host.channel.read < 99_980, `read up to ${host.channel.read}`)
    await scroller.press('End')
    await eventually('all is read', () => host.channel.read === 100_000)
    assert.ok(called('channels.read').length <= 4)
    await page.getByRole('button', { name: 'Jump to first unread' }).click()
    await row(99_941).getByText('new', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await row(99_941).getByText('new', { exact: true }).waitFor({ state: 'detached' })
  })

  long('is all read at a key, however much there was', async () => {
    const { host, row, page } = await open({ head: 100_000, read: 20 })
    await row(100_000).waitFor()
    await page.keyboard.press('Escape')
    await eventually('all is read', () => host.channel.read === 100_000)
  })

  long('is entered at a date', async () => {
    const { host, page, row } = await open({ head: 100_000 })
    await row(100_000).waitFor()
    const day = new Date(host.messageAt(60_000).at)
    const field = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((n) =>
      String(n).padStart(2, '0'),
    )
    await page.getByRole('button', { name: 'Jump to a date' }).click()
    await page.getByLabel('Jump to a date').last().fill(field.join('-'))
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    const midnight = new Date(day).setHours(0, 0, 0, 0)
    let first = 60_000
    while (host.messageAt(first - 1).at >= midnight) first -= 1
    await row(first).waitFor()
    assert.is(await row(first - 1).count(), 1, 'with what was said before')
  })

  long('leads from a delivery mark to the timeline of its message', async () => {
    const { row, page } = await open({ head: 100_001 })
    await row(100_001).hover()
    await row(100_001).getByRole('button', { name: 'Confirmed by the server. Show its timeline' }).click()
    const pane = page.getByRole('complementary', { name: 'Timeline of a message' })
    await pane.getByText('Given its place by the server').waitFor()
    assert.is(await pane.locator('[data-stage]').count(), 6)
    await page.keyboard.press('Escape')
    await pane.waitFor({ state: 'detached' })
  })

  long.after.each(async () => {
    for (const close of closing.splice(0)) await close()
  })
  long.after(() => browser.close())
}

long.run()
