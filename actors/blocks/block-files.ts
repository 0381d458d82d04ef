import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'
import { writeFileAtomically } from '../../shared/store/atomic-file.ts'
import { DiskFull, isDiskFull } from '../../shared/store/errors.ts'
import { BlockDamaged, BlockMissing, BlockTooLarge } from './errors.ts'
import { openBlock, sealBlock } from './sealed-block.ts'

const hashPattern = /^[0-9a-f]{64}$/

/** Content-addressed blocks as encrypted files: `ab/abcdef…`. */
export class BlockFiles {
  readonly #folder: string
  readonly #key: Buffer

  /** @param key 32 bytes under which every block is sealed */
  constructor(folder: string, key: Buffer) {
    this.#folder = folder
    this.#key = key
  }

  async put(bytes: Uint8Array): Promise<string> {
    if (bytes.byteLength > limits.blockBytes) throw new BlockTooLarge(bytes.byteLength)
    const hash = sha256(bytes)
    if (await this.#isSound(hash)) return hash
    try {
      await writeFileAtomically(this.#path(hash), sealBlock(bytes, hash, this.#key))
    } catch (cause) {
      throw isDiskFull(cause) ? new DiskFull({ cause }) : cause
    }
    return hash
  }

  async get(hash: string): Promise<Uint8Array> {
    if (!hashPattern.test(hash)) throw new BlockMissing(hash)
    let sealed: Buffer
    try {
      sealed = await readFile(this.#path(hash))
    } catch (cause) {
      throw errorCode(cause) === 'ENOENT' ? new BlockMissing(hash) : cause
    }
    let plain: Buffer
    try {
      plain = openBlock(sealed, hash, this.#key)
    } catch (cause) {
      throw new BlockDamaged(hash, { cause })
    }
    if (sha256(plain) !== hash) throw new BlockDamaged(hash)
    return plain
  }

  async has(hash: string): Promise<boolean> {
    if (!hashPattern.test(hash)) return false
    try {
      await access(this.#path(hash))
      return true
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false
      throw error
    }
  }

  /** Whether it is here and can be read: a damaged one is written anew. */
  async #isSound(hash: string): Promise<boolean> {
    if (!(await this.has(hash))) return false
    try {
      await this.get(hash)
      return true
    } catch (error) {
      if (error instanceof BlockDamaged) return false
      throw error
    }
  }

  #path(hash: string): string {
    return join(this.#folder, hash.slice(0, 2), hash)
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
