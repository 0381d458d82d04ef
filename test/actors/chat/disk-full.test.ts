import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { uuidv7 } from 'uuidv7'
import { startServer } from '../../../server/server.ts'
import { errorCode } from '../../../shared/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { tinyDisk } from '../../support/tiny-disk.ts'
import { startPerson } from '../../support/world.ts'

const disks = suite('a full disk')
const text = 'x'.repeat(4000)

disks('refuses a message in words, keeps nothing of it, and lets all go on when there is room', async () => {
  const disk = tinyDisk(4 * 1024 * 1024)
  if (!disk) return
  const folder = temporaryFolder()
  const server = await startServer({ host: '127.0.0.1', port: 0, dataFolder: join(folder.path, 'server') })
  const alice = await startPerson({ server: server.url, dataFolder: disk.path, name: 'alice' })
  await alice.online()
  const { id: channel } = await alice.chat.call.createChannel({ name: 'general', topic: '' })

  const kept: string[] = []
  const sent = async (id: string): Promise<string | undefined> => {
    try {
      await alice.chat.call.send({ id, channel, text })
      kept.push(id)
      return undefined
    } catch (error) {
      return errorCode(error) ?? String(error)
    }
  }
  disk.fill()
  // The log of the database has a little room of its own.
  const refused = await eventually('there is no room left', async () => {
    const id = uuidv7()
    const code = await sent(id)
    return code !== undefined && { id, code }
  })
  assert.is(refused.code, 'disk-full')
  const ids = async () => (await alice.log(channel)).map(({ id }) => id)
  assert.not((await ids()).includes(refused.id))
  assert.equal((await ids()).toSorted(), kept.toSorted())

  disk.free()
  assert.is(await sent(refused.id), undefined)
  await alice.confirmed(channel, kept.length)
  assert.equal((await ids()).toSorted(), kept.toSorted())
  await alice.desktop.stop()
  await server.stop()
  folder.remove()
  disk.remove()
})

disks.run()
