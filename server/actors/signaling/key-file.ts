import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { readFile } from 'node:fs/promises'
import { errorCode } from '../../../shared/errors.ts'
import { writeFileAtomically } from '../../../shared/store/atomic-file.ts'
import { RelayKeyUnreadable } from '../../errors.ts'

/** The libp2p key kept in `path`, made at the first call. @throws RelayKeyUnreadable */
export async function loadKey(path: string): Promise<PrivateKey> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw new RelayKeyUnreadable(path, { cause: error })
    const key = await generateKeyPair('Ed25519')
    await writeFileAtomically(path, privateKeyToProtobuf(key))
    return key
  }
  try {
    return privateKeyFromProtobuf(bytes)
  } catch (cause) {
    throw new RelayKeyUnreadable(path, { cause })
  }
}
