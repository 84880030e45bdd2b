import type { Config } from '../config/load.ts'

export type HelperData = {
  readonly config: Config
  readonly generation: number
  readonly targets: ReadonlyMap<number, number>
}
