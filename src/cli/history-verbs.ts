import { Command, Option } from 'commander'
import { VERDICTS } from '../model/verdict.ts'
import { benchOption, reportDirOption, trustKeyOption, wholeNumber } from './options.ts'
import type { Verb } from './verbs.ts'

const evidenceOption = (): Option =>
  new Option('--evidence <file>', "the evidence kept (default: this checkout's reports/evidence.jsonl)")

const runs: Verb = () =>
  new Command('runs')
    .description('list the latest runs: when, board, image, result, duration')
    .option('-d, --device <name>', 'only runs on this board or board type')
    .option('--image <digest>', 'only this image: the beginning of its digest or commit')
    .addOption(new Option('--result <verdict>', 'only where a feature ended so').choices([...VERDICTS]))
    .option('--since <when>', 'an age (10m, 2h, 1d) or an ISO time')
    .option('-n, --limit <number>', 'how many at most', wholeNumber('runs', 1), 20)
    .addOption(reportDirOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  hil runs\n  hil runs --device orin --result fail --since 7d\n  hil runs --image 200afa595c13 --json | jq -r .[].run',
    )
    .action(async options => (await import('./verbs/runs.ts')).runs(options))

const history: Verb = () =>
  new Command('history')
    .description(
      'what became of a feature over the images of a line, in the order of their builds: verdicts, last good, first bad',
    )
    .argument('<feature>', 'a row of the status page')
    .option('-d, --device <name>', 'only on this board or board type')
    .addOption(reportDirOption())
    .addOption(evidenceOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  hil history netvm\n  hil history debug-ssh --device orin --json | jq .[].firstBad.commit',
    )
    .action(async (feature, options) => (await import('./verbs/history.ts')).history(feature, options))

const explain: Verb = () =>
  new Command('explain')
    .description('why a feature has the status it has: the rule, the evidence, the console lines, the run')
    .argument('<feature>', 'a row of the status page')
    .option('-d, --device <name>', 'only on this board or board type')
    .option('--as-of <time>', 'judge ages as of this ISO time (default: now)')
    .addOption(reportDirOption())
    .addOption(evidenceOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  hil explain netvm\n  hil explain debug-ssh --device nuc --json')
    .action(async (feature, options) => (await import('./verbs/explain.ts')).explain(feature, options))

const flaky: Verb = () =>
  new Command('flaky')
    .description('features whose verdict changed although the image was the same, and boards that disagree')
    .option('-d, --device <name>', 'only on this board or board type')
    .addOption(reportDirOption())
    .addOption(evidenceOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  hil flaky\n  hil flaky --device nuc-1 --json')
    .action(async options => (await import('./verbs/flaky.ts')).flaky(options))

const gc: Verb = signal =>
  new Command('gc')
    .description('remove old runs and recordings that nothing refers to')
    .option('--keep-last <number>', 'keep the latest runs of each board', wholeNumber('runs', 0))
    .option('--keep-days <days>', 'keep what is younger', wholeNumber('days', 0))
    .option('--policy <file>', 'a YAML file with keepLast and keepDays; the options above win')
    .option('--dry-run', 'only say what would go, and how much room that makes')
    .addOption(reportDirOption())
    .addOption(evidenceOption())
    .addOption(benchOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nKept in any case: runs the evidence names, the last fail of each feature, runs in progress.' +
        '\n\nExamples:\n  hil gc --dry-run\n  hil gc --keep-last 50 --keep-days 90\n  hil gc --policy retention.yaml --bench lab.yaml',
    )
    .action(async options => (await import('./verbs/gc.ts')).gc(options, signal))

const attest: Verb = signal =>
  new Command('attest')
    .description('record what a person saw of a feature as evidence, named and marked as manual')
    .argument('<feature>', 'a row of the status page')
    .requiredOption('-d, --device <name>', 'the board, or the board type, it was seen on')
    .addOption(new Option('--verdict <verdict>', 'what was seen').choices(['pass', 'fail']).makeOptionMandatory())
    .requiredOption('--by <name>', 'who vouches for it')
    .requiredOption('-i, --image <digest|file>', 'the image it was seen with: its SHA-256, or the image')
    .requiredOption('--note <text>', 'what was done and seen')
    .addOption(evidenceOption())
    .addOption(reportDirOption())
    .addOption(trustKeyOption())
    .addOption(benchOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  hil attest guivm --device x1 --verdict pass --by "Aino K." --image result/ghaf.img.zst \\\n    --note "desktop comes up on the panel, windows can be moved"',
    )
    .action(async (feature, options) => (await import('./verbs/attest.ts')).attest(feature, options, signal))

/** The verbs about what was found out before, in the order of `--help`. */
export const HISTORY_VERBS: readonly Verb[] = [runs, history, explain, flaky, attest, gc]
