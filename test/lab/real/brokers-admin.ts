import kafkajs from 'kafkajs'

/** A partition as one broker describes it. */
export type Described = { readonly partition: number; readonly leader: number; readonly inSync: number }

const PATIENCE_MS = 1000

/** One conversation with that broker alone. */
export const askBroker = async <T>(address: string, ask: (admin: kafkajs.Admin) => Promise<T>): Promise<T> => {
  const kafka = new kafkajs.Kafka({
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: PATIENCE_MS,
    requestTimeout: PATIENCE_MS,
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await ask(admin)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** What any of these brokers says about a topic's partitions; `null`: none of them answers. */
export const describedBy = async (
  addresses: readonly string[],
  topic: string,
): Promise<readonly Described[] | null> => {
  for (const address of addresses) {
    const told = await askBroker(address, (admin) => admin.fetchTopicMetadata({ topics: [topic] })).catch(() => null)
    const found = told?.topics[0]?.partitions
    if (found)
      return found.map(({ partitionId, leader, isr }) => ({ partition: partitionId, leader, inSync: isr.length }))
  }
  return null
}

/** The brokers change which of them accepts a change of a topic: each is tried until one has done it. */
export const changeTopic = async (
  addresses: readonly string[],
  change: (admin: kafkajs.Admin) => Promise<unknown>,
): Promise<void> => {
  let failure: unknown
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const address = addresses[attempt % addresses.length]!
    const isDone = await askBroker(address, change).then(
      () => true,
      (error: unknown) => {
        failure = error
        return false
      },
    )
    if (isDone) return
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  throw new Error('no broker has changed the topic', { cause: failure })
}
