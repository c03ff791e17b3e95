import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Command } from 'commander'
import { ROOT } from '../e2e/hil.ts'
import { keepResult } from './lib/result.ts'
import { scores, type Report } from './mutation/score.ts'

/** As `stryker.config.json` says. */
const REPORT = join(ROOT, '.cache/mutation.json')

/** Rules on which verdicts and leases rest, and what share of their changes tests must notice, in percent. */
const RULES = ['judge', 'fold', 'status', 'lease']
const ENOUGH = 90

export const mutation = new Command('mutation')
  .description('changes the rules of verdicts and leases one by one, and holds against a share how many a test notices')
  .option(
    '--reuse',
    'take over from the last `npm run mutation` here what it found of rules and tests that are the same still',
  )
  .addHelpText(
    'after',
    `
At least ${ENOUGH} % of ${RULES.join(', ')}, each, and of all other rules together. Half an hour to three quarters on two cores; while one writes tests,
\`npm run mutation\` tries only what is new.

Examples:
  npm run proof -- mutation
  npm run proof -- mutation --reuse`,
  )
  .action(prove)

/** Tries all changes, tells what came of it, and keeps it. */
async function prove({ reuse = false }: { readonly reuse?: boolean }): Promise<void> {
  const beganMs = Date.now()
  rmSync(REPORT, { force: true })
  const words = ['run', 'mutation', ...(reuse ? [] : ['--', '--force'])]
  const stryker = spawn('npm', words, { cwd: ROOT, stdio: 'inherit' })
  await once(stryker, 'exit')
  if (!existsSync(REPORT)) throw new Error('Stryker ended without a report: what it says above must be repaired first')
  const found = scores(JSON.parse(readFileSync(REPORT, 'utf8')) as Report, RULES)
  const failures = [
    ...RULES.filter(rule => !found[rule]).map(rule => `${rule}: none of its rules was changed`),
    ...Object.entries(found)
      .filter(([, { percent }]) => percent < ENOUGH)
      .map(([rule, { percent }]) => `${rule}: ${percent} % noticed, ${ENOUGH} wanted`),
  ]
  const all = Object.entries(found).map(
    ([rule, { noticed, tried, percent }]) => `${rule} ${percent} % (${noticed} of ${tried})`,
  )
  const line = `changes that a test noticed: ${all.join(', ')}`
  process.stdout.write(
    `${line}\n${relative(ROOT, keepResult('mutation', { line, beganMs, found: { reused: reuse, ...found }, failures }))}\n`,
  )
  process.exitCode = failures.length > 0 ? 1 : 0
}
