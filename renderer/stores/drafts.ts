import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

/** What is being written, per account and channel. In memory only: nothing readable goes to the disk. */
export const useDrafts = defineStore('drafts', () => {
  const texts = shallowReactive(new Map<string, string>())
  /** Why a message came back to its composer, in words. */
  const problems = shallowReactive(new Map<string, string>())

  const key = (account: string, channel: string) => `${account} ${channel}`

  function text(account: string, channel: string): string {
    return texts.get(key(account, channel)) ?? ''
  }

  function problem(account: string, channel: string): string | undefined {
    return problems.get(key(account, channel))
  }

  function write(account: string, channel: string, draft: string): void {
    const at = key(account, channel)
    problems.delete(at)
    if (draft === '') texts.delete(at)
    else texts.set(at, draft)
  }

  /** Puts a text that was not taken back before what has been written since. */
  function giveBack(account: string, channel: string, draft: string, reason: string): void {
    const since = text(account, channel)
    write(account, channel, since === '' ? draft : `${draft}\n${since}`)
    problems.set(key(account, channel), reason)
  }

  return { text, problem, write, giveBack }
})
