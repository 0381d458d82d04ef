import { UnitedError, errorMessage } from '../shared/errors.ts'

/** One native part, and one of everything that the app makes with it. */
interface Probe {
  part: string
  /** What the user loses without it. */
  without: string
  run(): Promise<void>
}

const probes: readonly Probe[] = [
  {
    part: 'sodium-native',
    without: 'messages cannot be signed or encrypted',
    async run() {
      const { default: sodium } = await import('sodium-native')
      const message = Buffer.from('united')
      const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES)
      const secretKey = Buffer.alloc(sodium.crypto_sign_SECRETKEYBYTES)
      const signature = Buffer.alloc(sodium.crypto_sign_BYTES)
      sodium.crypto_sign_keypair(publicKey, secretKey)
      sodium.crypto_sign_detached(signature, message, secretKey)
      expect(
        sodium.crypto_sign_verify_detached(signature, message, publicKey),
        'a signature of its own is not valid',
      )
    },
  },
  {
    part: 'better-sqlite3',
    without: 'no message can be kept',
    async run() {
      const { default: Database } = await import('better-sqlite3')
      const database = new Database(':memory:')
      database.exec('CREATE TABLE probe (value BLOB) STRICT')
      database.prepare('INSERT INTO probe VALUES (?)').run(Buffer.from('united'))
      const row = database.prepare<[], { value: Buffer }>('SELECT value FROM probe').get()
      database.close()
      expect(row?.value.toString() === 'united', 'what was written is not what is read')
    },
  },
]

export class SelfTestFailed extends UnitedError {
  constructor(failures: readonly string[], options?: ErrorOptions) {
    super('self-test', failures.join('\n'), options)
  }
}

/**
 * Loads each addon that the supervisor's threads use and makes one of everything with it.
 * node-datachannel is not among them: loading it ties it to this process, so the p2p actor tests it by starting.
 * @throws SelfTestFailed, with a line for each part that does not work
 */
export async function selfTest(): Promise<void> {
  const failures: string[] = []
  for (const { part, without, run } of probes) {
    try {
      await run()
    } catch (error) {
      failures.push(`${part} does not work here, so ${without}: ${errorMessage(error)}`)
    }
  }
  if (failures.length > 0) throw new SelfTestFailed(failures)
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
