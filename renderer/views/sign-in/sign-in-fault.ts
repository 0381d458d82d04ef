import { errorCode, errorMessage } from '../../../shared/errors.ts'

export interface SignInFault {
  field: 'name' | 'password' | 'form'
  words: string
}

/** Where a refused sign-in is said: at the field that has to change, or else at the form. */
export function faultOf(error: unknown): SignInFault {
  const words = errorMessage(error)
  switch (errorCode(error)) {
    case 'name-taken':
      return { field: 'name', words }
    case 'wrong-password':
      return { field: 'password', words }
    default:
      return { field: 'form', words }
  }
}
