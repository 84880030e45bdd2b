import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { redisAdmin } from './admin.ts'
import type { RedisConnection } from './connection.ts'
import { redisReader } from './reader.ts'
import { redisRecentAnswers } from './recent-answers.ts'
import { scriptRunner } from './script.ts'
import { redisWriter } from './writer.ts'

/** Reader, writer and admin share one connection; `admin.close` closes it. */
export const redisStore = (connection: RedisConnection, partitionCount: number): ProjectionStore => {
  const runScript = scriptRunner()
  return {
    writer: redisWriter(connection, runScript),
    reader: redisReader(connection, runScript, partitionCount),
    admin: redisAdmin(connection, runScript, partitionCount),
    recentAnswers: redisRecentAnswers(connection, runScript),
  }
}
