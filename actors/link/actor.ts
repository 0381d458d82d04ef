import { runActor } from '../../supervisor/runtime/actor-side.ts'
import { AccountRequests } from './account-requests.ts'
import { linkContract } from './contract.ts'
import { ServerLink } from './server-link.ts'
import { watchForWaking } from './wake-watch.ts'

runActor(linkContract, ({ init, emit }) => {
  const requests = new AccountRequests(init.server)
  const link = new ServerLink(init.server, requests, emit)
  if (init.session) link.connect(init.session)
  const endWatch = watchForWaking(() => link.wake())
  return {
    api: {
      health: () => requests.health(),
      register: (credentials) => requests.register(credentials),
      login: (credentials) => requests.login(credentials),
      connect: async (session) => link.connect(session),
      disconnect: async () => link.disconnect(),
      state: async () => link.view,
      snapshot: async () => link.snapshot,
      createChannel: (params) => link.request('channel.create', params),
      joinChannel: (params) => link.request('channel.join', params),
      submit: (envelope) =>
        link.request('message.submit', { envelope: Buffer.from(envelope).toString('base64') }),
      digests: (params) => link.request('log.digests', params),
      at: (params) => link.request('log.at', params),
      history: (params) => link.request('message.history', params),
      lookup: (params) => link.request('directory.lookup', params),
      announce: (peer) => link.announce(peer),
    },
    stop() {
      endWatch()
      link.disconnect()
    },
  }
})
