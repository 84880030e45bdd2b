// Rewrites the golden stored states after FOLD_VERSION was raised: node scripts/write-stored-states.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { FOLD_VERSION } from '../projections/state/state.ts'
import { storedScenes } from '../test/support/stored-scenes.ts'

const file = new URL('../test/golden/stored-states.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as { version: number; states: Record<string, string> }
const states = storedScenes()
const isChanged = Object.entries(golden.states).some(([name, text]) => states[name] !== text)
if (isChanged && golden.version >= FOLD_VERSION) {
  process.stderr.write('The stored form has changed: raise FOLD_VERSION in projections/state/state.ts first.\n')
  process.exitCode = 1
} else writeFileSync(file, `${JSON.stringify({ version: FOLD_VERSION, states }, null, 2)}\n`)
