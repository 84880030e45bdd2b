// Rewrites the generated documents: node scripts/write-documents.ts && npx biome format --write docs
import { readFileSync, writeFileSync } from 'node:fs'
import { documents } from '../src/documents/all.ts'
import { thirdParty } from './third-party.ts'

const docs = new URL('../docs/', import.meta.url)
const reference = readFileSync(new URL('configuration.md', docs), 'utf8')
for (const [file, document] of Object.entries(documents(reference)))
  writeFileSync(new URL(file, docs), `${JSON.stringify(document, null, 2)}\n`)

const root = new URL('../', import.meta.url)
writeFileSync(new URL('THIRD-PARTY.md', root), thirdParty(readFileSync(new URL('package-lock.json', root), 'utf8')))
