// Proofs that take too long for every commit: `kills.ts` is `npm run proof -- kills`.
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

const known = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && file !== basename(import.meta.filename))
  .map(file => basename(file, '.ts'))
const name = process.argv[2] ?? ''
if (known.includes(name)) await import(join(import.meta.dirname, `${name}.ts`))
else {
  process.stderr.write(`usage: npm run proof -- NAME …\nproofs: ${known.join(', ')}\n`)
  process.exitCode = 2
}
