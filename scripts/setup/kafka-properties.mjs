// @ts-check

/**
 * One node that is broker and controller, for development and tests. What differs from Kafka's defaults is what one
 * node needs (replication), what a test must not wait for (rebalance delay, 50-partition internal topics), and that a
 * mistyped topic fails.
 *
 * @param {{ port: number, controllerPort: number, folder: string }} where
 */
export const propertiesOf = ({ port, controllerPort, folder }) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${folder}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
log.cleaner.dedupe.buffer.size=8388608
`
