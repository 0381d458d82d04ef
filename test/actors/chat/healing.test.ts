import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { startServer } from '../../../server/server.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { startPerson, type Person } from '../../support/world.ts'

const healing = suite('a log that differs')
const folder = temporaryFolder()
const dataFolder = join(folder.path, 'server')
let server = await startServer({ host: '127.0.0.1', port: 0, dataFolder })
const port = Number(new URL(server.url).port)
const person = (name: string) => startPerson({ server: server.url, dataFolder: folder.path, name })
const [alice, bob] = [await person('alice'), await person('bob')]
const people = [alice, bob]
for (const one of people) await one.online()
const { id: channel } = await alice.chat.call.createChannel({ name: 'general', topic: '' })
await bob.chat.call.joinChannel(channel)

const say = async (count: number) => {
  for (let n = 0; n < count; n++) await (people[n % 2] ?? alice).say(channel, `message ${uuidv7()}`)
}
const facts = async (one: Person) => (await one.log(channel)).map(({ id, seq }) => [seq, id])

healing('is healed when the server has lost its last messages, which are given places again', async () => {
  await say(6)
  for (const one of people) await one.confirmed(channel, 6)
  await server.stop()
  cpSync(dataFolder, join(folder.path, 'backup'), { recursive: true })
  server = await startServer({ host: '127.0.0.1', port, dataFolder })
  await say(10)
  for (const one of people) await one.confirmed(channel, 16)
  const before = await facts(alice)

  await server.stop()
  cpSync(join(folder.path, 'backup'), dataFolder, { recursive: true, force: true })
  server = await startServer({ host: '127.0.0.1', port, dataFolder })
  for (const one of people)
    await eventually('agrees with the server on all of it', async () => {
      const { server: answer, seq } = await one.chat.call.compare(channel)
      return answer === 'agrees' && seq === 16
    })
  const after = await facts(bob)
  assert.equal(after.slice(0, 6), before.slice(0, 6), 'what was in the backup stands where it stood')
  assert.equal(after.map(([, id]) => id).toSorted(), before.map(([, id]) => id).toSorted())
  assert.equal(
    after.map(([seq]) => seq),
    before.map(([seq]) => seq),
  )
  assert.equal(await facts(alice), after)
})

healing.after(async () => {
  for (const one of people) await one.desktop.stop()
  await server.stop()
  folder.remove()
})
healing.run()
