import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { launchBrowser, Window } from '../support/window.ts'

/** The actor panel, as fault testers and profilers use it. Each test goes on where the one before ended. */
const panel = suite('the actor panel')
const channel = 'general'
const desktopActors = ['crypto', 'link', 'blocks', 'p2p', 'chat']

const browser = await launchBrowser()
if (!browser) {
  panel('shows the actors', () => {
    console.log('skipped: no Chrome, Chromium or Edge on this machine')
  })
} else {
  const folder = temporaryFolder()
  const options = ['--data', folder.path, '--port', '0']
  const app = await startApp(options)
  const alice = await Window.open(browser, app.address)
  const { page } = alice
  /** Methods that the window has called, as they went over the wire. */
  const asked: string[] = []
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      asked.push((JSON.parse(payload.toString()) as { method: string }).method)
    }),
  )
  await page.reload()

  const row = (actor: string) => page.locator(`[data-actor="${actor}"]`)
  const group = (actor: string) => page.getByRole('rowgroup').filter({ has: row(actor) })
  const details = (actor: string) => page.getByRole('button', { name: `${actor}, details` })
  const faultSwitch = page.getByRole('switch', { name: 'Fault injection' })
  const undelivered = page.locator('[data-undelivered]')
  const dialog = page.getByRole('dialog')
  const open = async (actor: string) => {
    if ((await details(actor).getAttribute('aria-expanded')) === 'false') await details(actor).click()
  }
  const close = async (actor: string) => {
    if ((await details(actor).getAttribute('aria-expanded')) === 'true') await details(actor).click()
  }

  panel('shows the tree with CPU and memory of every actor', async () => {
    await alice.register('alice', 'a long enough password')
    await alice.createChannel(channel, 'all and sundry')
    await alice.openActors()
    await eventually('every actor has said how it is', async () => {
      const texts = await Promise.all(['main', ...desktopActors].map((actor) => row(actor).innerText()))
      return texts.every((text) => /\d %/.test(text) && /\d MB/.test(text))
    })
    const names = await page
      .locator('[data-actor]')
      .evaluateAll((rows: readonly { getAttribute(name: string): string | null }[]) =>
        rows.map((found) => found.getAttribute('data-actor')),
      )
    assert.equal(names, ['main', 'crypto', 'link', 'account', 'blocks', 'p2p', 'chat'])
    assert.match(await row('p2p').innerText(), 'process')
    assert.match(await row('chat').innerText(), 'thread')
    assert.match(await undelivered.innerText(), 'Undelivered messages')
  })

  panel('tells more of an actor whose row is opened', async () => {
    await open('chat')
    for (const fact of ['Latency p99', 'Calls', 'Event loop busy', 'Worst delay'])
      await group('chat').getByText(fact).waitFor()
    await details('chat').press('Enter')
    assert.is(await details('chat').getAttribute('aria-expanded'), 'false')
  })

  panel('offers faults only to whoever asks for them, and remembers that', async () => {
    await open('blocks')
    assert.is(await page.locator('[data-fault]').count(), 0)
    assert.is(await faultSwitch.getAttribute('aria-checked'), 'false')
    await faultSwitch.click()
    await page.locator('[data-fault]').first().waitFor()
    await page.reload()
    await alice.openActors()
    assert.is(await faultSwitch.getAttribute('aria-checked'), 'true')
  })

  panel('says in words why a fault is refused', async () => {
    await open('blocks')
    for (const [fault, why] of [
      ['out-of-memory', 'without a heap limit'],
      ['segfault', 'a thread would take its whole process with it'],
    ] as const) {
      await page.locator(`[data-fault="${fault}"]`).click()
      await group('blocks').getByRole('alert').getByText(why).waitFor()
    }
    assert.is(await row('blocks').getAttribute('data-state'), 'running')
  })

  panel('shows that an actor which was made to hang was found, and lives again', async () => {
    await page.locator('[data-fault="hang"]').click()
    await group('blocks').getByText('it hung').waitFor()
    await eventually(
      'blocks runs again',
      async () => (await row('blocks').getAttribute('data-state')) === 'running',
    )
    await close('blocks')
  })

  panel('shows where chat spends its time while messages are sent', async () => {
    const again = await startApp(options)
    const second = await Window.open(browser, again.address)
    await second.composer(channel).waitFor()
    await open('chat')
    let sending = true
    const sent = (async () => {
      for (let n = 1; sending; n++) await second.say(channel, `message ${n}`)
    })()
    try {
      await group('chat').getByRole('button', { name: 'Flame graph' }).click()
      await dialog.getByText('Profiling chat for 3 s').waitFor()
      await dialog.getByRole('treeitem').nth(10).waitFor()
    } finally {
      sending = false
      await sent
    }
    assert.match(await dialog.getByRole('region', { name: 'Hottest functions' }).innerText(), /\d ms/)

    await dialog.getByRole('searchbox').fill('.ts')
    await dialog.getByText(/^\d+ frames?, .* % of the time$/).waitFor()
    await page.keyboard.press('Escape')
    await dialog.getByRole('treeitem').nth(1).click()
    const crumbs = dialog.getByRole('navigation', { name: 'Zoomed into' }).getByRole('button')
    await eventually('it is zoomed in', async () => (await crumbs.count()) === 2)
    await page.keyboard.press('Escape')
    await eventually('it is zoomed out', async () => (await crumbs.count()) === 1)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    assert.equal(second.complaints, [])
  })

  panel('shows the last messages of an actor that was killed, and why it died', async () => {
    await alice.say(channel, 'the last one before chat is killed')
    await alice.kill('chat')
    await group('chat').getByText('killed from the actor panel').waitFor()
    await eventually(
      'chat runs again',
      async () => (await row('chat').getAttribute('data-state')) === 'running',
    )
    await open('chat')
    await group('chat').getByRole('button', { name: 'Last messages' }).click()
    await dialog.getByText('It died: killed from the actor panel').waitFor()
    await dialog.getByRole('cell', { name: 'send', exact: true }).last().waitFor()
    await dialog.getByRole('tab', { name: 'now' }).click()
    await dialog.getByText(/messages?, newest last/).waitFor()
    assert.is(await dialog.getByText('It died').count(), 0)
    await page.keyboard.press('Escape')
  })

  panel('counts messages that were not delivered, and says why', async () => {
    await open('chat')
    await page.locator('[data-fault="drop"]').click()
    await eventually('messages are dropped', async () => {
      await alice.say(channel, 'this may take two attempts')
      return /dropped \d/.test(await undelivered.innerText())
    })
    await undelivered.getByRole('button').click()
    await dialog.getByText('Somebody injected a fault that swallowed it.').first().waitFor()
    await dialog.getByRole('cell', { name: 'dropped' }).first().waitFor()
    await page.keyboard.press('Escape')
  })

  panel('asks for nothing once it is closed', async () => {
    const isList = (method: string) => method === 'actors.list'
    const atFirst = asked.filter(isList).length
    await eventually('the list is asked for', () => asked.filter(isList).length > atFirst + 1)
    await page.getByRole('button', { name: 'Actors' }).click()
    await row('chat').waitFor({ state: 'detached' })
    const whenClosed = asked.filter(isList).length
    // Longer than between two polls.
    await page.waitForTimeout(2_500)
    assert.is(asked.filter(isList).length, whenClosed)
  })

  panel('has caused no error on the page', () => {
    assert.equal(alice.complaints, [])
  })

  panel.after(async () => {
    await browser.close()
    await app.stop()
    folder.remove()
  })
}

panel.run()
