import { UnitedError } from '../../shared/errors.ts'

/** There is no direct connection to the peer, or it broke. */
export class PeerUnreachable extends UnitedError {
  constructor(peer: string, options?: ErrorOptions) {
    super('peer-unreachable', 'This peer is not connected directly.', { ...options, details: { peer } })
  }
}

/** The peer did not answer in time. */
export class PeerSilent extends UnitedError {
  constructor(peer: string, options?: ErrorOptions) {
    super('peer-silent', 'This peer did not answer in time.', { ...options, details: { peer } })
  }
}

/** The peer closed the question without an answer. */
export class PeerRefused extends UnitedError {
  constructor(peer: string, options?: ErrorOptions) {
    super('peer-refused', 'This peer did not want to answer.', { ...options, details: { peer } })
  }
}

/** Said by the one who asks; nothing was sent. */
export class QuestionTooLarge extends UnitedError {
  constructor(bytes: number) {
    super('question-too-large', 'A question to a peer takes 1 MiB at most.', { details: { bytes } })
  }
}

/** Said to the one who answers; the peer was refused instead. */
export class AnswerTooLarge extends UnitedError {
  constructor(bytes: number) {
    super('answer-too-large', 'An answer to a peer takes 1 MiB at most.', { details: { bytes } })
  }
}
