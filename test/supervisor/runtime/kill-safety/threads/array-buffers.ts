import { sayBusy } from './busy.ts'

/** 256 MB, every page of it touched. */
const held = Array.from({ length: 256 }, () => new Uint8Array(1024 * 1024).fill(1))
sayBusy()
setInterval(() => held, 60_000)
