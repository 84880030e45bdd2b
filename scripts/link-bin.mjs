// npm links the bins of dependencies, but not those of the project itself: this makes `npx pullgate` work from the
// root.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'

const link = new URL('../node_modules/.bin/pullgate', import.meta.url)
mkdirSync(new URL('.', link), { recursive: true })
rmSync(link, { force: true })
symlinkSync('../../bin/pullgate.mjs', link)
