import { join } from 'node:path'
import { openDatabase } from '../../shared/store/database.ts'
import { runActor } from '../../supervisor/runtime/actor-side.ts'
import { cryptoContract } from '../crypto/contract.ts'
import { Chat } from './chat.ts'
import { chatContract } from './contract.ts'
import { migrations } from './layout.ts'

runActor(chatContract, async (context) => {
  const key = await context.link(cryptoContract).call.subkey('chat')
  const database = openDatabase({ path: join(context.init.folder, 'chat.db'), key, migrations })
  key.fill(0)
  const chat = new Chat(context, database)
  chat.start()
  return {
    api: chat.api,
    stop() {
      chat.stop()
      database.close()
    },
  }
})
