import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sodium from 'sodium-native'
import Type, { type Static } from 'typebox'
import { errorCode } from '../../shared/errors.ts'
import { checker } from '../../shared/schema.ts'
import { writeFileAtomically } from '../../shared/store/atomic-file.ts'
import { DiskFull, isDiskFull } from '../../shared/store/errors.ts'
import { VaultDamaged, WrongPassword } from './errors.ts'
import { Identity } from './identity.ts'
import { forget } from './key-memory.ts'
import { accountKey, deriveFromPassword, passwordCost, saltBytes } from './password.ts'

const VaultFile = Type.Object({
  version: Type.Literal(1),
  name: Type.String(),
  server: Type.String(),
  kdf: Type.Object({
    algorithm: Type.Literal('argon2id13'),
    passes: Type.Integer({ minimum: 1, maximum: 16 }),
    memoryBytes: Type.Integer({ minimum: 8 * 1024 * 1024, maximum: 1024 * 1024 * 1024 }),
    salt: Type.String(),
  }),
  sealed: Type.String(),
})
type VaultFile = Static<typeof VaultFile>
const vaultFiles = checker('the identity file', VaultFile)

/** An open identity with the key that seals it on disk. */
export interface OpenVault {
  identity: Identity
  /** Writes it, or writes it again; the file's time is when it was last used. */
  keep(): Promise<void>
  forget(): void
}

/** The identities of a profile: one encrypted file for each name on each server. */
export class Vaults {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async names(): Promise<string[]> {
    const found: { name: string; usedAt: number }[] = []
    for (const entry of await this.#entries()) {
      const path = join(this.#folder, entry)
      const vault = await readVaultIfSound(path)
      if (vault) found.push({ name: vault.name, usedAt: (await stat(path)).mtimeMs })
    }
    found.sort((a, b) => b.usedAt - a.usedAt)
    return [...new Set(found.map(({ name }) => name))]
  }

  /** @throws WrongPassword, VaultDamaged */
  async open(server: string, name: string, password: string): Promise<OpenVault> {
    const path = this.#path(server, name)
    const file = await readVaultIfThere(path)
    const salt = file ? Buffer.from(file.kdf.salt, 'base64') : randomSalt()
    const sealed = file && Buffer.from(file.sealed, 'base64')
    if (salt.byteLength !== saltBytes || (sealed && sealed.byteLength !== Identity.sealedBytes)) {
      throw new VaultDamaged(path)
    }
    const cost = file?.kdf ?? passwordCost
    const key = await deriveFromPassword(password, salt, cost)
    const identity = sealed ? Identity.unseal(sealed, key) : Identity.create()
    if (!identity) {
      forget(key)
      throw new WrongPassword()
    }
    return {
      identity,
      keep: () =>
        writeVault(path, {
          version: 1,
          name,
          server,
          kdf: {
            algorithm: 'argon2id13',
            passes: cost.passes,
            memoryBytes: cost.memoryBytes,
            salt: salt.toString('base64'),
          },
          sealed: identity.seal(key).toString('base64'),
        }),
      forget() {
        identity.forget()
        forget(key)
      },
    }
  }

  async #entries(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).filter((entry) => entry.endsWith('.vault'))
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    }
  }

  /** Names may hold any script, so the file is named by a hash. */
  #path(server: string, name: string): string {
    const hash = createHash('sha256')
      .update(`${server}/${accountKey(name)}`)
      .digest('hex')
      .slice(0, 32)
    return join(this.#folder, `${hash}.vault`)
  }
}

function randomSalt(): Buffer {
  const salt = Buffer.alloc(saltBytes)
  sodium.randombytes_buf(salt)
  return salt
}

async function readVaultIfThere(path: string): Promise<VaultFile | undefined> {
  try {
    return await readVault(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A damaged file does not say whose it is; whoever opens it is told. */
async function readVaultIfSound(path: string): Promise<VaultFile | undefined> {
  try {
    return await readVault(path)
  } catch (error) {
    if (error instanceof VaultDamaged) return undefined
    throw error
  }
}

async function readVault(path: string): Promise<VaultFile> {
  const text = await readFile(path, 'utf8')
  try {
    return vaultFiles.check(JSON.parse(text))
  } catch (cause) {
    throw new VaultDamaged(path, { cause })
  }
}

async function writeVault(path: string, file: VaultFile): Promise<void> {
  try {
    await writeFileAtomically(path, Buffer.from(`${JSON.stringify(file, null, 2)}\n`, 'utf8'))
  } catch (cause) {
    throw isDiskFull(cause) ? new DiskFull({ cause }) : cause
  }
}
