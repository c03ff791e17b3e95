import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, relative } from 'node:path'
import { text } from 'node:stream/consumers'
import { Argument, Command } from 'commander'
import { benchTable } from '../bench/lib/table.ts'
import type { Row } from '../bench/lib/row.ts'
import { ROOT } from '../e2e/hil.ts'
import { missedIn } from './figures/missed.ts'
import { keepResult } from './lib/result.ts'

export const figures = new Command('figures')
  .description('measures a benchmark whole, and keeps its figures; fails where one misses its target')
  .addArgument(new Argument('<benchmark>', 'as of `npm run bench`').choices(['lease', 'blame']))
  .addHelpText(
    'after',
    `
lease takes nine minutes on two cores, blame ten.

Examples:
  npm run proof -- figures lease
  npm run proof -- figures blame`,
  )
  .action(prove)

/** Measures, tells what came of it, and keeps it. */
async function prove(benchmark: string): Promise<void> {
  const beganMs = Date.now()
  const bench = spawn(process.execPath, [join(ROOT, 'ci/bench/run.ts'), benchmark, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(bench, 'exit')
  const json = await text(bench.stdout)
  const [code] = (await ended) as [number | null]
  if (json === '') throw new Error(`the benchmark could not be run: it ended with ${code}, see above`)
  const rows = JSON.parse(json) as Row[]
  const { line, failures } = missedIn(rows)
  const kept = keepResult(benchmark, { line, beganMs, found: { rows }, failures })
  process.stdout.write(`\n${benchTable(rows)}\n${line}\n${relative(ROOT, kept)}\n`)
  process.exitCode = failures.length > 0 ? 1 : 0
}
