import Type, { type Static } from 'typebox'
import { AccountId } from './ids.ts'
import { limits } from './limits.ts'

/** Letters of any script, digits, `.`, `-`, `_`; compared without regard to case. */
export const AccountName = Type.String({
  minLength: limits.accountName.min,
  maxLength: limits.accountName.max,
  pattern: '^[\\p{L}\\p{N}._-]+$',
})

export const Account = Type.Object({ id: AccountId, name: AccountName }, { additionalProperties: false })
export type Account = Static<typeof Account>
