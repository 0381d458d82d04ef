import Type, { type Static } from 'typebox'
import { checker } from '../../shared/schema.ts'

/**
 * A request as far as it can be answered. The agreed schema also lists the methods; here an unknown one is let through,
 * so that its sender gets a reply instead of losing the connection.
 */
const RequestFrame = Type.Object(
  {
    type: Type.Literal('request'),
    id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    method: Type.String({ maxLength: 64 }),
    params: Type.Unknown(),
  },
  { additionalProperties: false },
)
const requestFrames = checker('a control frame', RequestFrame)

export function readRequest(frame: unknown): Static<typeof RequestFrame> | undefined {
  return requestFrames.matches(frame) ? frame : undefined
}
