import { hash } from 'argon2'
import { sayBusy } from './busy.ts'

sayBusy()
for (;;) await hash('password')
