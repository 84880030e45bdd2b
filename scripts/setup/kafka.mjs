import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, SetupError } from './exec.mjs'
import { freePort, startServer } from './server.mjs'
import { CACHE, requireJava, requireMaven } from './tools.mjs'

export const KAFKA_VERSION = '4.4.0'

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version>
      <exclusions>
        <exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

/** Kafka's jars, from its Maven artifacts; complete or not there: they are moved into place in one step. */
export const requireJars = async (say) => {
  const target = join(CACHE, `kafka-${KAFKA_VERSION}`)
  if (existsSync(target)) return target
  const mvn = await requireMaven(say)
  say(`downloading Apache Kafka ${KAFKA_VERSION} (42 MB), once`)
  await mkdir(CACHE, { recursive: true })
  const folder = await mkdtemp(`${target}-`)
  await writeFile(join(folder, 'pom.xml'), POM)
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=jars', '-DincludeScope=runtime']
  const { code, output } = await run(mvn, args, { cwd: folder })
  if (code !== 0) {
    await rm(folder, { recursive: true, force: true })
    throw new SetupError(`Maven could not fetch Apache Kafka:\n${output.slice(-2000)}`)
  }
  // Another start may have been quicker.
  await rename(join(folder, 'jars'), target).catch(async (error) => {
    if (!existsSync(target))
      await cp(join(folder, 'jars'), target, { recursive: true }).catch(() => Promise.reject(error))
  })
  await rm(folder, { recursive: true, force: true })
  return target
}

const properties = (folder, port, controllerPort) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${join(folder, 'log')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`

const FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx640m', '-Xshare:auto']

/** One broker, KRaft, in its own folder, which is deleted with it. */
export const startKafka = async (say) => {
  const java = await requireJava(say)
  const jars = await requireJars(say)
  const classpath = (await readdir(jars))
    .filter((file) => file.endsWith('.jar'))
    .map((file) => join(jars, file))
    .join(':')
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-kafka-'))
  const [port, controllerPort] = [await freePort(), await freePort()]
  const file = join(folder, 'server.properties')
  await writeFile(file, properties(folder, port, controllerPort))
  const format = [
    '-cp',
    classpath,
    ...FLAGS,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'cHVsbGdhdGUtZGV2LTAwMQ',
    '-c',
    file,
  ]
  const formatted = await run(java, format)
  if (formatted.code !== 0)
    throw new SetupError(`Kafka's storage could not be formatted:\n${formatted.output.slice(-2000)}`)
  const server = await startServer('Kafka', java, ['-cp', classpath, ...FLAGS, 'kafka.Kafka', file], {
    ready: 'Kafka Server started',
  })
  return {
    ...server,
    brokers: `127.0.0.1:${port}`,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
