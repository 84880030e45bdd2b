/** What must notice that a guard is gone: the simulation, or named test files. */
export type Catcher = { readonly kind: 'simulation' } | { readonly kind: 'tests'; readonly files: readonly string[] }

/** One guard, taken out: in `file`, `search` (which stands there exactly once) becomes `replace`. */
export type Mutation = {
  readonly guard: string
  readonly file: string
  readonly search: string
  readonly replace: string
  readonly catcher: Catcher
}

export const SIMULATION: Catcher = { kind: 'simulation' }
export const tests = (...files: string[]): Catcher => ({ kind: 'tests', files })
