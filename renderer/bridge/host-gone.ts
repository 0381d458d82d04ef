import { UnitedError } from '../../shared/errors.ts'

/** The host behind the window does not answer. Whether a call in flight was carried out is not known. */
export class HostGoneError extends UnitedError {
  constructor(options?: ErrorOptions) {
    super('host-gone', 'UNITED has stopped. Start it again with npm start; nothing is lost.', options)
  }
}
