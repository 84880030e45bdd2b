// Holds every import to the layers: projections ← consumers ← src; test and bench see everything.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

type Rule = { readonly folder: string; readonly may: RegExp; readonly but?: RegExp }

const RULES: readonly Rule[] = [
  { folder: 'projections', may: /^(projections\/|zod$)/ },
  { folder: 'consumers', may: /^(consumers\/|projections\/|node:|zod$)/ },
  { folder: 'src', may: /^(src\/|consumers\/|projections\/|node:|[a-z@])/, but: /^test\/|^bench\// },
]

/** Packages that stand behind one port each. */
const HOMES: readonly (readonly [RegExp, RegExp])[] = [
  [/^kafkajs|^snappy$|^lz4-napi$/, /^src\/kafka\//],
  [/^ioredis/, /^src\/redis\//],
  [/^prom-client/, /^src\/metrics\//],
  [/^node:sqlite/, /^src\/sqlite\//],
  [/^opossum|^undici/, /^src\/erp\//],
]

/** Statements begin a line; comments and templates that speak of imports do not look like this. */
const IMPORT = /\b(?:(?:from|import)\s+|import\(\s*)'([^'\n]+)'/g
const problems: string[] = []

for (const { folder, may, but } of RULES) {
  for (const file of globSync(`${folder}/**/*.ts`)) {
    const text = readFileSync(file, 'utf8')
    for (const [, specifier = ''] of text.matchAll(IMPORT)) {
      const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier
      if (!may.test(target) || but?.test(target)) problems.push(`${file}: ${folder}/ must not import ${target}`)
      for (const [name, home] of HOMES)
        if (name.test(specifier) && !home.test(file)) problems.push(`${file}: ${specifier} belongs behind its port`)
    }
    const readsEnv = /process\.env/.test(text) && !/^src\/(config|cli)\//.test(file)
    if (readsEnv) problems.push(`${file}: only src/config and src/cli read the environment`)
  }
}

for (const problem of problems) process.stdout.write(`${problem}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
