import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Argument, program } from 'commander'
import { repeatable, wholeNumber } from '../../src/cli/options.ts'
import type { Bench } from './lib/bench.ts'
import type { Row } from './lib/row.ts'
import { benchTable } from './lib/table.ts'

// A benchmark is a file beside this one: `first-run.ts` is `npm run bench -- first-run`.
const known = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && file !== basename(import.meta.filename))
  .map(file => basename(file, '.ts'))

interface Options {
  readonly runs: number
  readonly part: readonly string[]
  readonly json?: true
}

const asked = program
  .name('npm run bench --')
  .description('Measures beside a peer or what the machine can do, in the same run, and prints the ratio.')
  .addArgument(new Argument('<name...>', 'benchmarks').choices(known))
  .option('--runs <number>', 'how often each is measured', wholeNumber('runs', 1), 5)
  .addOption(repeatable('--part <part>', 'only this part', 'all'))
  .option('--json', 'the rows as JSON')
  .addHelpText(
    'after',
    `
Exits 1 when a target is missed, 2 when something could not be run.

Examples:
  npm run bench -- lease
  npm run bench -- lease blame --json`,
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode && 2))

try {
  asked.parse()
  process.exitCode = await measure(asked.args, asked.opts())
} catch (error) {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`)
  process.exitCode = 2
}

async function measure(names: readonly string[], { runs, part: wanted, json }: Options): Promise<number> {
  const rows: Row[] = []
  for (const name of names) {
    const bench = await load(name)
    process.stderr.write(`${bench.title}\n`)
    for (const part of chosenParts(bench, wanted)) {
      const say = (text: string): void => void process.stderr.write(`  ${part.name}: ${text}\n`)
      rows.push(...(await part.measure({ runs, say })))
    }
  }
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : `\n${benchTable(rows)}`)
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
