import { defineContract } from '../../supervisor/runtime/actor-side.ts'

export interface BlocksApi {
  /**
   * Keeps a block, encrypted, and answers its name: the SHA-256 of the plaintext in hex. Durable when it answers.
   * Idempotent: the same bytes are the same block.
   * @throws block-too-large above 256 KiB, disk-full
   */
  put(bytes: Uint8Array): Promise<string>
  /** The plaintext, checked against its name. Idempotent. @throws block-missing, block-damaged */
  get(hash: string): Promise<Uint8Array>
  /** Idempotent. */
  has(hash: string): Promise<boolean>
}

export interface BlocksInit {
  /** Where the blocks of this account are kept. */
  folder: string
}

export const blocksContract = defineContract<BlocksApi, object, BlocksInit>({
  name: 'blocks',
  idempotent: ['put', 'get', 'has'],
})
