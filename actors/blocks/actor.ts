import * as Comlink from 'comlink'
import { runActor } from '../../supervisor/runtime/actor-side.ts'
import { cryptoContract } from '../crypto/contract.ts'
import { BlockFiles } from './block-files.ts'
import { blocksContract } from './contract.ts'

runActor(blocksContract, async ({ init, link }) => {
  const key = Buffer.from(await link(cryptoContract).call.subkey('blocks'))
  const files = new BlockFiles(init.folder, key)
  return {
    api: {
      put: (bytes) => files.put(bytes),
      async get(hash) {
        const plain = await files.get(hash)
        return Comlink.transfer(plain, [plain.buffer as ArrayBuffer])
      },
      has: (hash) => files.has(hash),
    },
    stop: () => void key.fill(0),
  }
})
