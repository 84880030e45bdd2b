import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { hashSecret } from '../src/config/secret.ts'
import { privateRedis } from '../test/support/private-redis.ts'
import { BREAKS, type BranchesScene, branchesScene } from './branches-scene.ts'
import { quantile } from './load.ts'
import { openLoad, type Shot } from './open-load.ts'

/**
 * A gateway with many branches that each have an ERP of their own: its start, scrape, reload and memory; then pulls at all
 * branches while every fifth ERP is broken, in six ways.
 *
 *     node bench/branches.ts [seconds of broken ERPs, default 60] [branches, default 300]     needs KAFKA_BROKERS
 */
const [SECONDS, BRANCHES] = [Number(process.argv[2] ?? 60), Number(process.argv[3] ?? 300)]
const PER_SECOND = 60
const BROKEN_EVERY = 5
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const ms = (values: readonly number[]): string =>
  [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1)).join(' / ')

const secret = randomBytes(12).toString('base64url')
const auth = `bench:${secret}`
const redis = await privateRedis()
const scene = await branchesScene(`redis://127.0.0.1:${redis.port}`, BRANCHES, auth, await hashSecret(secret))

const load = (seconds: number): Promise<readonly Shot[]> =>
  openLoad(PER_SECOND, seconds * 1000, (turn) => scene.pullUrl(turn % BRANCHES, Math.floor(turn / BRANCHES)), auth)
const unanswered = (shots: readonly Shot[]): number => shots.filter(({ status }) => status !== 200).length

const atRest = async ({ scrape, mib, startMs }: BranchesScene): Promise<void> => {
  const first = await scrape()
  const scrapes: number[] = []
  for (let turn = 0; turn < 40; turn += 1) scrapes.push((await scrape()).ms)
  say('| | |\n|---|---|')
  say(`| start to the first answer, ms | ${startMs.toFixed(0)} |`)
  say(`| series; bytes of a scrape | ${first.series}; ${first.bytes} |`)
  say(`| a scrape over HTTP, ms p50 / p99 / most | ${ms(scrapes)} |`)
  say(`| memory after the start, MiB | ${mib().toFixed(0)} |`)
}

const reloading = async ({ reload, scrape, mib }: BranchesScene): Promise<void> => {
  const [pulls, reloads] = [load(12), [] as number[]]
  for (let round = 1; round <= 8; round += 1) {
    reloads.push(await reload(round))
    await new Promise((resolve) => setTimeout(resolve, 800))
  }
  const shots = await pulls
  const scrapes: number[] = []
  for (let turn = 0; turn < 20; turn += 1) scrapes.push((await scrape()).ms)
  say(`| SIGHUP to the new configuration, ms p50 / p99 / most | ${ms(reloads)} |`)
  say(
    `| pulls meanwhile; not answered; ms | ${shots.length}; ${unanswered(shots)}; ${ms(shots.map((shot) => shot.ms))} |`,
  )
  say(`| a scrape after calls to all ERPs, ms | ${ms(scrapes)} |`)
  say(`| memory, MiB | ${mib().toFixed(0)} |`)
}

const isBroken = (branch: number): boolean => branch % BROKEN_EVERY === 0
const howBroken = (branch: number) => BREAKS[(branch / BROKEN_EVERY) % BREAKS.length]!

const breaking = async ({ erps, mib, scrape }: BranchesScene): Promise<void> => {
  for (const [branch, erp] of erps.entries()) if (isBroken(branch)) await erp.behave(howBroken(branch))
  const memory: number[] = []
  const watch = setInterval(() => memory.push(mib()), Math.max(1000, (SECONDS * 1000) / 10))
  const shots = await load(SECONDS)
  clearInterval(watch)
  const of = (wanted: (branch: number) => boolean): readonly Shot[] =>
    shots.filter(({ turn }) => wanted(turn % BRANCHES))
  const sound = of((branch) => !isBroken(branch))
  say(
    `\n${SECONDS} s with ${erps.filter((_, branch) => isBroken(branch)).length} ERPs broken, ${PER_SECOND} pulls a second:\n`,
  )
  say('| ERPs | pulls | 200 | 502 | 503 | other | ms p50 / p99 / most |\n|---|---|---|---|---|---|---|')
  const row = (name: string, those: readonly Shot[]): void => {
    const [a, b, c] = [200, 502, 503].map((wanted) => those.filter(({ status }) => status === wanted).length)
    say(
      `| ${name} | ${those.length} | ${a} | ${b} | ${c} | ${those.length - a! - b! - c!} | ${ms(those.map((shot) => shot.ms))} |`,
    )
  }
  row('sound', sound)
  for (const how of BREAKS)
    row(
      how.kind,
      of((branch) => isBroken(branch) && howBroken(branch) === how),
    )
  say(
    `\nMemory, MiB: ${memory.map((one) => one.toFixed(0)).join(' ')}. A scrape: ${(await scrape()).ms.toFixed(1)} ms.`,
  )
}

say(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${BRANCHES} branches\n`)
await atRest(scene)
await reloading(scene)
if (SECONDS > 0) await breaking(scene)
await scene.close()
await redis.close()
