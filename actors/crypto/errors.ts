import { UnitedError } from '../../shared/errors.ts'

export class WrongPassword extends UnitedError {
  constructor() {
    super('wrong-password', 'The name or the password is wrong. Check both and try again.')
  }
}

export class VaultDamaged extends UnitedError {
  constructor(file: string, options?: ErrorOptions) {
    super(
      'vault-damaged',
      `The identity file ${file} cannot be read. Restore it from a backup, or move it away to start with a new identity.`,
      options,
    )
  }
}

export class Locked extends UnitedError {
  constructor() {
    super('locked', 'Nobody is signed in, so no key is open.')
  }
}
