// One word, one idea: refuses a type name that two files of the source export.
import { globSync, readFileSync } from 'node:fs'

const DECLARATION = /^export (?:type|interface) (\w+)/gm

const homes = new Map<string, string[]>()
for (const file of ['projections', 'consumers', 'src'].flatMap((top) => globSync(`${top}/**/*.ts`)))
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(DECLARATION))
    homes.set(name, [...(homes.get(name) ?? []), file])

const twice = [...homes].filter(([, files]) => files.length > 1)
for (const [name, files] of twice)
  process.stdout.write(`the type ${name} is exported by ${files.sort().join(' and ')}\n`)
process.exitCode = twice.length === 0 ? 0 : 1
