import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { DataFolderUnusable } from '../errors.ts'

/**
 * Makes the folder that holds everything the server keeps, readable by its owner alone.
 * @throws DataFolderUnusable
 */
export async function prepareDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new DataFolderUnusable(path, { cause })
  }
}
