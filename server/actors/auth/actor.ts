import type { Account } from '../../../shared/account.ts'
import type { LoginGrant } from '../../../shared/control.ts'
import { runActor, type ActorContext, type StartedActor } from '../../../supervisor/runtime/actor-side.ts'
import { openStore } from '../../store/store.ts'
import { NameTaken, SessionExpired, TokenInvalid, WrongPassword } from '../../errors.ts'
import { Accounts } from './accounts.ts'
import { auth, type AuthApi } from './contract.ts'
import { loadIdentity } from './identity.ts'
import { migrations } from './migrations.ts'
import { SecretChecker, hashSecret } from './passwords.ts'
import { Sessions } from './sessions.ts'
import { AccessTokens } from './tokens.ts'

async function startAuth({ init }: ActorContext<typeof auth>): Promise<StartedActor<AuthApi>> {
  const store = openStore({ path: init.path, migrations })
  // Two servers on one folder would each give out the same seq. This file is the one that a process of its own holds,
  // so that the lock goes with the process however it ends.
  store.lock()
  const identity = loadIdentity(store)
  const tokens = await AccessTokens.create(identity, init.accessTokenMs)
  const secrets = await SecretChecker.create()
  const accounts = new Accounts(store)
  const sessions = new Sessions(store, init.refreshTokenMs)

  const grant = ({ id, name }: Account): LoginGrant => ({
    account: { id, name },
    refreshToken: sessions.open(id),
    ...tokens.issue(id),
  })

  return {
    api: {
      serverId: async () => identity.id,

      async register({ name, secret, key }) {
        // While the secret was hashed the name may have been given away, to this very registration sent twice.
        const secretHash = accounts.byName(name) ? undefined : await hashSecret(secret)
        const taken = accounts.byName(name)
        if (!taken && secretHash !== undefined) return grant(accounts.create(name, secretHash, key))
        const again = taken && accounts.ownerOf(key) === taken.id
        if (again && (await secrets.matches(taken.secret, secret))) return grant(taken)
        throw new NameTaken(name)
      },

      async login({ name, secret, key }) {
        const account = accounts.byName(name)
        const right = await secrets.matches(account?.secret, secret)
        if (!account || !right) throw new WrongPassword()
        accounts.addKey(account.id, key)
        return grant(account)
      },

      async refresh(refreshToken) {
        const account = sessions.accountOf(refreshToken)
        if (!accounts.byId(account)) throw new SessionExpired()
        return tokens.issue(account)
      },

      async verifyToken(accessToken) {
        const account = accounts.byId(tokens.verify(accessToken))
        if (!account) throw new TokenInvalid()
        return account
      },

      lookup: async (ids) => accounts.directory(ids),
    },
    async stop() {
      await tokens.close()
      store.close()
    },
  }
}

runActor(auth, startAuth)
