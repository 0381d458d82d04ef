import { sayBusy } from './busy.ts'

/** Each time that the array is full V8 asks for half as much again in one piece. */
const numbers: number[] = []
while (numbers.length < 2 ** 26) numbers.push(numbers.length)
sayBusy()
