import { UnitedError } from '../../shared/errors.ts'
import { limits } from '../../shared/limits.ts'

export class BlockTooLarge extends UnitedError {
  constructor(bytes: number) {
    super('block-too-large', `A block has ${bytes} bytes, over the limit of ${limits.blockBytes}.`)
  }
}

export class BlockMissing extends UnitedError {
  constructor(hash: string) {
    super('block-missing', 'This content is not on this device.', { details: { hash } })
  }
}

export class BlockDamaged extends UnitedError {
  constructor(hash: string, options?: ErrorOptions) {
    super('block-damaged', 'This content was damaged on the disk and was not used.', {
      ...options,
      details: { hash },
    })
  }
}
