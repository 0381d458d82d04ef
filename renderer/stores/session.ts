import { defineStore } from 'pinia'
import { computed } from 'vue'
import type { BridgeParams } from '../../shared/bridge.ts'
import { useBridge } from '../bridge/current.ts'
import { mirror } from './mirror.ts'

/** Who is signed in on this device. */
export const useSession = defineStore('session', () => {
  const bridge = useBridge()
  const { value: view, failure, hear, refresh } = mirror(() => bridge.invoke('session.get', {}))
  const account = computed(() => (view.value?.phase === 'signed-in' ? view.value.account : null))

  async function register(credentials: BridgeParams<'session.register'>): Promise<void> {
    hear(await bridge.invoke('session.register', credentials))
  }

  async function logIn(credentials: BridgeParams<'session.login'>): Promise<void> {
    hear(await bridge.invoke('session.login', credentials))
  }

  async function logOut(): Promise<void> {
    hear(await bridge.invoke('session.logout', {}))
  }

  return { view, failure, account, hear, refresh, register, logIn, logOut }
})
