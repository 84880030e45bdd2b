import { privateKafka } from '../../integration/private-kafka.ts'
import { nothing, type RealFault, sleep } from './faults.ts'
import { openRelay } from './relay.ts'
import type { LabLog } from './servers.ts'

/** One broker behind a TCP proxy. */
export const openOneBroker = async (): Promise<LabLog> => {
  const kafkaRelay = await openRelay()
  const kafka = await privateKafka(kafkaRelay.port)
  await kafka.start()
  kafkaRelay.pointTo(kafka.port)

  const kafkaReset: RealFault = {
    name: 'connections to Kafka reset',
    wound: async () => {
      kafkaRelay.reset()
      return nothing
    },
  }

  const kafkaRestarted: RealFault = {
    name: 'broker killed and started',
    wound: async () => {
      await kafka.kill()
      kafkaRelay.reset()
      await sleep(200)
      await kafka.start()
      return nothing
    },
  }

  const kafkaPaused: RealFault = {
    name: 'broker paused (SIGSTOP, SIGCONT)',
    wound: async ({ random }) => {
      kafka.signal('SIGSTOP')
      await sleep(500 + random.below(3000))
      return async () => kafka.signal('SIGCONT')
    },
  }

  return {
    addresses: kafka.brokers,
    brokers: `127.0.0.1:${kafkaRelay.port}`,
    faults: [
      [2, kafkaReset],
      [2, kafkaRestarted],
      [2, kafkaPaused],
    ],
    traffic: () => ({ misrouting: 0.15, isMirrored: false }),
    lastFault: async () => [],
    close: async () => {
      await kafka.close()
      await kafkaRelay.close()
    },
  }
}
