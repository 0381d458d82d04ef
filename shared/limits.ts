/** Limits that both ends of a wire enforce. Sizes in bytes, text in UTF-16 units, times in ms. */
export const limits = {
  /** A signed envelope, encoded. Room for 50 KB of inline attachments, the text and the frame around them. */
  envelopeBytes: 64 * 1024,
  /** Inline attachments of one envelope, together. Anything larger travels as blocks. */
  inlineAttachmentBytes: 50_000,
  /** The text of one message. */
  messageText: 4_000,
  /** Causal dependencies named by one envelope. */
  dependencies: 16,
  /** How far an unconfirmed message's Lamport time may lie above the highest confirmed one. Servers allow twice as much. */
  lamportLead: 500_000,
  /** Block references of one envelope. */
  blockReferences: 32,
  /** One JSON frame on the control socket: an envelope in base64 and what surrounds it; a page of history is cut to fit. */
  controlFrameBytes: 1024 * 1024,
  /** Messages in one page of history. */
  historyPage: 200,
  /** Places of a log that are compared in one request. */
  digestsAtOnce: 64,
  /** What one peer asks another about a log: the largest names `digestsAtOnce` places. */
  peerQuestionBytes: 2048,
  /** One content-addressed block. */
  blockBytes: 256 * 1024,
  accountName: { min: 2, max: 32 },
  channelName: { min: 1, max: 48 },
  channelTopic: 200,
  password: { min: 8, max: 256 },
} as const
