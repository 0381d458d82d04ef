import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../../../server/server.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startPerson, type Person } from '../../support/world.ts'

const alone = suite('without the server')
const folder = temporaryFolder()
const dataFolder = join(folder.path, 'server')
let server = await startServer({ host: '127.0.0.1', port: 0, dataFolder })
const port = Number(new URL(server.url).port)
const person = (name: string) => startPerson({ server: server.url, dataFolder: folder.path, name })
const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')]
const people = [alice, bob, carol]
for (const one of people) await one.online()
const { id: channel } = await alice.chat.call.createChannel({ name: 'general', topic: '' })
for (const guest of [bob, carol]) await guest.chat.call.joinChannel(channel)
for (const one of people) await one.direct(2)

const texts = (one: Person) => one.texts(channel)
const have = (one: Person, ...expected: string[]) =>
  eventually(`they have ${expected.join(', ')}`, async () => {
    const all = await texts(one)
    return expected.every((text) => all.includes(text))
  })
const sameOrder = async (expected: number) => {
  const logs = await Promise.all(people.map((one) => texts(one)))
  for (const log of logs) assert.equal(log, logs[0])
  assert.is(logs[0]?.length, expected)
}

alone('connected people go on talking, and all see one order', async () => {
  await alice.say(channel, 'with it')
  for (const one of people) await one.confirmed(channel, 1)
  await server.stop()
  await alice.say(channel, 'is anybody there?')
  for (const one of people) await have(one, 'is anybody there?')
  await Promise.all([bob.say(channel, 'bob is'), carol.say(channel, 'carol is')])
  for (const one of people) await have(one, 'bob is', 'carol is')
  await sameOrder(4)
})

alone('what somebody missed while chat was away is asked of the others', async () => {
  const { supervisor } = bob.desktop
  supervisor.kill('chat')
  await alice.say(channel, 'said while bob was away')
  await carol.say(channel, 'this too')
  await eventually('bob is back', () =>
    supervisor.children.some(({ name, state }) => name === 'chat' && state === 'running'),
  )
  await have(bob, 'said while bob was away', 'this too')
  await sameOrder(6)
})

alone('peers compare their logs, and know that the server does not answer', async () => {
  const { server: answer, peers, seq } = await alice.chat.call.compare(channel)
  assert.is(answer, 'unknown')
  assert.is(seq, 1)
  assert.equal(peers.map(({ account, result }) => [account?.name, result]).toSorted(), [
    ['bob', 'agrees'],
    ['carol', 'agrees'],
  ])
})

alone('everybody has the server’s order when it is back', async () => {
  server = await startServer({ host: '127.0.0.1', port, dataFolder })
  for (const one of people) await one.confirmed(channel, 6, 30_000)
  await sameOrder(6)
})

alone.after(async () => {
  for (const one of people) await one.desktop.stop()
  await server.stop()
  folder.remove()
})
alone.run()
