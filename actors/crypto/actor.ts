import { runActor } from '../../supervisor/runtime/actor-side.ts'
import { cryptoContract } from './contract.ts'
import { Locked } from './errors.ts'
import { Identity } from './identity.ts'
import { keyMemoryKind } from './key-memory.ts'
import { accountSecret } from './password.ts'
import { Vaults, type OpenVault } from './vault.ts'
import { VerificationPool } from './verification-pool.ts'

/** The only place where a private key is ever in the clear. */
runActor(cryptoContract, ({ init, watchThreads }) => {
  const sessionKey = Buffer.from(init.sessionKey)
  const vaults = new Vaults(init.folder)
  const pool = new VerificationPool()
  watchThreads(() => pool.threads)
  let vault: OpenVault | undefined
  let identity = init.resume && Identity.unseal(init.resume, sessionKey)

  const unlocked = (): Identity => {
    if (!identity) throw new Locked()
    return identity
  }
  const lock = () => {
    if (vault) vault.forget()
    else identity?.forget()
    vault = undefined
    identity = undefined
  }

  return {
    api: {
      identities: () => vaults.names(),
      async open({ server, name, password }) {
        const [opened, secret] = await Promise.all([
          vaults.open(server, name, password),
          accountSecret(server, name, password),
        ])
        lock()
        vault = opened
        identity = opened.identity
        return { publicKey: identity.publicKey, accountSecret: secret, resume: identity.seal(sessionKey) }
      },
      async keep() {
        unlocked()
        await vault?.keep()
      },
      lock: async () => lock(),
      sign: async (bytes) => unlocked().sign(bytes),
      verifyAll: (page) => pool.verifyAll(page),
      subkey: async (purpose) => unlocked().subkey(purpose),
      status: async () => ({ unlocked: identity !== undefined, keyMemory: keyMemoryKind }),
    },
    async stop() {
      lock()
      await pool.stop()
    },
  }
})
