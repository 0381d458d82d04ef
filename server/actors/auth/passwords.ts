import { argon2id, hash, verify } from 'argon2'
import { randomBytes } from 'node:crypto'

/**
 * Source: OWASP Password Storage Cheat Sheet, "Argon2id": m=19456 KiB (19 MiB), t=2, p=1.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const parameters = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** @param secret 32 bytes in base64 @returns Argon2's encoded form */
export function hashSecret(secret: string): Promise<string> {
  return hash(Buffer.from(secret, 'base64'), parameters)
}

/** Checks secrets, and takes as long for an account that does not exist as for one that does. */
export class SecretChecker {
  readonly #nobody: string

  private constructor(nobody: string) {
    this.#nobody = nobody
  }

  static async create(): Promise<SecretChecker> {
    return new SecretChecker(await hashSecret(randomBytes(32).toString('base64')))
  }

  /** @param stored the hash to compare with; `undefined` where there is no account */
  async matches(stored: string | undefined, secret: string): Promise<boolean> {
    const same = await verify(stored ?? this.#nobody, Buffer.from(secret, 'base64'))
    return stored !== undefined && same
  }
}
