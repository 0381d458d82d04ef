import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { blocksContract } from '../../../actors/blocks/contract.ts'
import { limits } from '../../../shared/limits.ts'
import { childSpec } from '../../../supervisor/runtime/index.ts'
import { killAndWait, startCrypto } from '../../support/crypto-actor.ts'
import { rejection } from '../../support/rejection.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { tinyDisk } from '../../support/tiny-disk.ts'

const blocks = suite('blocks')
const folder = temporaryFolder()

/** The blocks actor on a folder, with the crypto actor that it gets its key from. */
async function startBlocks(path: string) {
  const spec = childSpec({
    contract: blocksContract,
    entry: new URL('../../../actors/blocks/actor.ts', import.meta.url),
    links: ['crypto'],
    init: () => ({ folder: path }),
  })
  const crypto = await startCrypto(join(folder.path, 'identities'), [spec])
  await crypto.call.keep()
  const { supervisor } = crypto
  return { supervisor, call: supervisor.ref(blocksContract).call, stop: () => supervisor.stop() }
}

const { supervisor, call, stop } = await startBlocks(join(folder.path, 'blocks'))
const fileOf = (hash: string) => join(folder.path, 'blocks', hash.slice(0, 2), hash)
const codeOfGet = async (hash: string) => (await rejection(call.get(hash))).code

blocks('are named by the SHA-256 of what is in them, and come back as they were', async () => {
  for (const size of [0, 1, 1000, limits.blockBytes]) {
    const bytes = randomBytes(size)
    const hash = await call.put(bytes)
    assert.is(hash, createHash('sha256').update(bytes).digest('hex'))
    assert.ok(bytes.equals(await call.get(hash)), `${size} bytes`)
    assert.is(await call.has(hash), true)
  }
})

blocks('that are put twice, or many times at once, are one block', async () => {
  const bytes = randomBytes(5000)
  const hashes = await Promise.all(Array.from({ length: 10 }, () => call.put(bytes)))
  assert.is(new Set(hashes).size, 1)
  const [hash = ''] = hashes
  assert.equal(readdirSync(join(fileOf(hash), '..')), [hash])
})

blocks('that are not here are missing, and so is whatever is no name of a block', async () => {
  const absent = createHash('sha256').update('never put').digest('hex')
  for (const name of [absent, '', 'abc', '../../identities', absent.toUpperCase(), `${absent}/..`]) {
    assert.is(await codeOfGet(name), 'block-missing', name)
    assert.is(await call.has(name), false, name)
  }
})

blocks('over the limit are refused', async () => {
  assert.is((await rejection(call.put(new Uint8Array(limits.blockBytes + 1)))).code, 'block-too-large')
})

blocks('are encrypted on the disk', async () => {
  const text = 'a sentence that stands out. '.repeat(50)
  const hash = await call.put(Buffer.from(text))
  const file = readFileSync(fileOf(hash))
  assert.not(file.includes('stands out'))
  assert.is(file.length, text.length + 24 + 16, 'a nonce and a tag around the ciphertext')
})

blocks('that were damaged on the disk are not used, whichever byte it is', async () => {
  const hash = await call.put(randomBytes(300))
  const good = readFileSync(fileOf(hash))
  for (const position of [0, 23, 24, 150, good.length - 1]) {
    const bad = Buffer.from(good)
    bad[position] = (bad[position] ?? 0) ^ 0x10
    writeFileSync(fileOf(hash), bad)
    assert.is(await codeOfGet(hash), 'block-damaged', `byte ${position}`)
  }
  for (const length of [good.length - 1, 40, 39, 0]) {
    writeFileSync(fileOf(hash), good)
    truncateSync(fileOf(hash), length)
    assert.is(await codeOfGet(hash), 'block-damaged', `${length} bytes`)
  }
})

blocks('whose files were swapped are not used', async () => {
  const [one, other] = [await call.put(randomBytes(300)), await call.put(randomBytes(300))]
  copyFileSync(fileOf(other), fileOf(one))
  assert.is(await codeOfGet(one), 'block-damaged')
  assert.is((await call.get(other)).byteLength, 300)
})

blocks('that were damaged are whole again when the same bytes are put again', async () => {
  const bytes = randomBytes(300)
  const hash = await call.put(bytes)
  writeFileSync(fileOf(hash), 'damaged')
  await call.put(bytes)
  assert.ok(bytes.equals(await call.get(hash)))
})

blocks('are there after the actor was killed, and after crypto was', async () => {
  const bytes = randomBytes(2000)
  const hash = await call.put(bytes)
  await killAndWait(supervisor, 'blocks')
  assert.ok(bytes.equals(await call.get(hash)))
  await killAndWait(supervisor, 'crypto')
  await killAndWait(supervisor, 'blocks')
  assert.ok(bytes.equals(await call.get(hash)))
})

blocks('put while the actor is killed are there when the caller has its answer', async () => {
  const contents = Array.from({ length: 30 }, () => randomBytes(limits.blockBytes))
  const putting = contents.map((bytes) => call.put(bytes))
  supervisor.kill('blocks')
  for (const [index, hash] of (await Promise.all(putting)).entries())
    assert.ok(contents[index]?.equals(await call.get(hash)))
})

blocks('for which the disk has no room are refused, and nothing is half written', async () => {
  const disk = tinyDisk(1024 * 1024)
  if (!disk) return
  const small = await startBlocks(join(disk.path, 'blocks'))
  const kept = randomBytes(1000)
  const keptHash = await small.call.put(kept)
  disk.fill()
  const bytes = randomBytes(limits.blockBytes)
  assert.is((await rejection(small.call.put(bytes))).code, 'disk-full')
  const files = readdirSync(join(disk.path, 'blocks'), { recursive: true, withFileTypes: true })
  assert.equal(
    files.filter((file) => file.isFile()).map(({ name }) => name),
    [keptHash],
  )
  assert.ok(kept.equals(await small.call.get(keptHash)), 'what is there can be read')
  disk.free()
  assert.ok(bytes.equals(await small.call.get(await small.call.put(bytes))))
  await small.stop()
  disk.remove()
})

blocks('whose file was removed are missing', async () => {
  const hash = await call.put(randomBytes(10))
  rmSync(fileOf(hash))
  assert.is(await codeOfGet(hash), 'block-missing')
})

blocks.after(async () => {
  await stop()
  folder.remove()
})
blocks.run()
