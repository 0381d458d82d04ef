import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startApp, runCommand } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import { startServerProgram } from '../support/server-program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { launchBrowser, Window, type ShownMessage } from '../support/window.ts'

/** Two people at two windows, as users start them. Each test goes on where the one before ended. */
const people = suite('two people')
const channel = 'general'
const said: string[] = []

const browser = await launchBrowser()
if (!browser) {
  people('two people talk', () => {
    console.log('skipped: no Chrome, Chromium or Edge on this machine')
  })
} else {
  const folder = temporaryFolder()
  const server = await startServerProgram(join(folder.path, 'server'))
  const options = (profile: string) => ['--data', folder.path, '--port', server.port, '--profile', profile]
  const apps = await Promise.all([startApp(options('alice')), startApp(options('bob'))])
  const alice = await Window.open(browser, apps[0].address)
  const bob = await Window.open(browser, apps[1].address)

  const say = async (window: Window, text: string) => {
    said.push(text)
    await window.say(channel, text)
  }
  const bothShow = (holds: (messages: ShownMessage[]) => boolean, what: string) =>
    eventually(what, async () => holds(await alice.messages()) && holds(await bob.messages()), 40_000)
  const everythingOnce = () =>
    bothShow(
      (messages) => messages.length === said.length && messages.every(({ state }) => state === 'confirmed'),
      `${said.length} confirmed messages in both windows`,
    )
  const command = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand('supervisor/actors-command.ts', [
      '--data',
      folder.path,
      ...args,
    ])
    assert.is(code, 0, stderr)
    return stdout
  }

  people('register on the page, one makes a channel and the other joins it', async () => {
    assert.match(apps[0].output(), 'it was running already')
    await alice.register('alice', 'a long enough password')
    await bob.register('bob', 'another long password')
    await alice.createChannel(channel, 'all and sundry')
    await bob.joinChannel(channel)
  })

  people('are connected directly, not through the relay', async () => {
    for (const window of [alice, bob]) {
      await window.page.getByRole('button', { name: '1 peer direct' }).click()
      const peer = window.page.locator('[data-peer]')
      // Over TCP or over WebRTC, whichever was first: both are on this computer.
      await peer.getByText(/direct/i).waitFor()
    }
  })

  people('see each other’s messages live, confirmed, in one order', async () => {
    for (let n = 1; n <= 5; n++) {
      await say(alice, `alice says ${n}`)
      await say(bob, `bob says ${n}`)
    }
    await everythingOnce()
  })

  people('go on talking while the server is frozen, and are confirmed when it is back', async () => {
    server.process.kill('SIGSTOP')
    await say(alice, 'can you hear me without the server?')
    await say(bob, 'I can, peer to peer')
    await bothShow((messages) => messages.length === said.length, 'both messages while the server is frozen')
    const waiting = (await bob.messages()).filter(({ seq }) => seq === undefined)
    assert.equal(
      waiting.map(({ state }) => state),
      ['with-peers', 'with-peers'],
    )
    server.process.kill('SIGCONT')
    await everythingOnce()
  })

  people('lose nothing and see nothing twice when each desktop actor is killed from the panel', async () => {
    for (const actor of ['crypto', 'blocks', 'p2p', 'chat', 'link']) {
      await say(alice, `alice, before ${actor} is killed`)
      await alice.kill(actor)
      await say(alice, `alice, just after ${actor} was killed`)
      await say(bob, `bob, while alice's ${actor} restarts`)
    }
    await everythingOnce()
    const rows = alice.page.locator('[data-kind="actor"][data-state="running"]')
    await eventually('all five actors run', async () => (await rows.count()) === 5)
    assert.is(await alice.page.getByText('killed from the actor panel').count(), 5)
  })

  people('lose nothing and see nothing twice when each actor is killed from the command line', async () => {
    for (const actor of ['auth', 'sequencer', 'signaling', 'p2p']) {
      await say(bob, `bob, before ${actor} is killed`)
      assert.match(await command('--profile', 'bob', 'kill', actor), `Killed ${actor}`)
      await say(alice, `alice, just after ${actor} was killed`)
      await say(bob, `bob, just after ${actor} was killed`)
    }
    await everythingOnce()
    assert.match(await command('--profile', 'bob', 'list'), /sequencer\s+running\s+thread\s+1 restarts/)
  })

  people('see, in the end, every message once, in the same order, with places that have no gap', async () => {
    await everythingOnce()
    const [hers, his] = [await alice.messages(), await bob.messages()]
    assert.equal(hers, his)
    assert.equal(
      hers.map(({ seq }) => seq),
      said.map((_, index) => index + 1),
    )
    assert.equal(hers.map(({ text }) => text).toSorted(), said.toSorted())
    assert.is(new Set(hers.map(({ id }) => id)).size, said.length)
  })

  people('find everything again after logging out and in', async () => {
    await alice.page.getByRole('button', { name: 'alice, your account' }).click()
    await alice.page.getByRole('menuitem', { name: 'Log out' }).click()
    await alice.logIn('alice', 'the wrong password')
    await alice.page.getByText('The name or the password is wrong').waitFor()
    await alice.logIn('alice', 'a long enough password')
    await alice.composer(channel).waitFor()
    await everythingOnce()
  })

  people('have had no error on their pages', () => {
    assert.equal([...alice.complaints, ...bob.complaints], [])
  })

  people('stop in good order', async () => {
    assert.is(await apps[0].stop(), 143)
    assert.is(await apps[1].stop(), 143)
  })

  people.after(async () => {
    await browser.close()
    for (const app of apps) await app.stop()
    await server.stop()
    folder.remove()
  })
}

people.run()
