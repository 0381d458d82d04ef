import { UnitedError, errorCode } from '../errors.ts'

export class DiskFull extends UnitedError {
  constructor(options?: ErrorOptions) {
    super('disk-full', 'The disk is full. Nothing was lost; free some space and try again.', options)
  }
}

export class DatabaseUnreadable extends UnitedError {
  constructor(path: string, options?: ErrorOptions) {
    super(
      'database-unreadable',
      `The database ${path} cannot be read. Restore it from a backup, or move it away to start with an empty one.`,
      { ...options, details: { path } },
    )
  }
}

export class DatabaseNewer extends UnitedError {
  constructor(path: string, version: number, known: number) {
    super(
      'database-newer',
      `The database ${path} was written by a newer UNITED (layout ${version}, this one knows ${known}). Update UNITED; nothing was changed.`,
      { details: { path, version, known } },
    )
  }
}

/** `SQLITE_IOERR_SHMSIZE`: there is no room for the index of the write-ahead log, made anew at every opening. */
const diskFullCodes = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'])

/** Whether an error of the file system or of SQLite says that there is no space left. */
export function isDiskFull(error: unknown): boolean {
  return diskFullCodes.has(errorCode(error) ?? '')
}
