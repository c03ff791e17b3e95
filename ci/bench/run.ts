import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench } from './lib/bench.ts'
import type { Row } from './lib/row.ts'
import { benchTable } from './lib/table.ts'

// A benchmark is a file beside this one: `first-run.ts` is `npm run bench -- first-run`.
const known = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && file !== basename(import.meta.filename))
  .map(file => basename(file, '.ts'))

const USAGE = `usage: npm run bench -- NAME… [--runs N] [--part PART…] [--json]
benchmarks: ${known.join(', ')}
Exits 1 when a target is missed, 2 when something could not be run.`

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`)
  process.exitCode = 2
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      part: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const runs = Number(values.runs)
  const wrong = positionals.length === 0 || positionals.some(name => !known.includes(name)) || !(runs >= 1)
  if (values.help || wrong) {
    process.stderr.write(`${USAGE}\n`)
    return values.help ? 0 : 2
  }
  const rows: Row[] = []
  for (const name of positionals) {
    const bench = await load(name)
    process.stderr.write(`${bench.title}\n`)
    for (const part of chosenParts(bench, values.part)) {
      const say = (text: string): void => void process.stderr.write(`  ${part.name}: ${text}\n`)
      rows.push(...(await part.measure({ runs: Math.floor(runs), say })))
    }
  }
  process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : `\n${benchTable(rows)}`)
  return rows.some(row => row.met === false) ? 1 : 0
}

async function load(name: string): Promise<Bench> {
  return ((await import(join(import.meta.dirname, `${name}.ts`))) as { default: Bench }).default
}

function chosenParts(bench: Bench, wanted: readonly string[]): Bench['parts'] {
  const unknown = wanted.filter(name => !bench.parts.some(part => part.name === name))
  if (unknown.length > 0)
    throw new Error(`no part ${unknown.join(', ')} (there are ${bench.parts.map(part => part.name).join(', ')})`)
  return wanted.length === 0 ? bench.parts : bench.parts.filter(part => wanted.includes(part.name))
}
