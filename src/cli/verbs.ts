import { Command, InvalidArgumentError, Option } from 'commander'

/** Builds one verb. The verb's own code is loaded when it runs, so that every other one starts fast. */
export type Verb = (signal: AbortSignal) => Command

const benchOption = (): Option =>
  new Option('--bench <name|file>', 'the bench: a name in devices/benches, or a file')
    .default('virtual')
    .env('HIL_BENCH')
const collect = (value: string, before: string[]): string[] => [...before, value]

const minutes = (value: string): number => {
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value)
  throw new InvalidArgumentError('a number of minutes, such as 0 or 2.5')
}

const run: Verb = signal =>
  new Command('run')
    .description('flash, boot and test boards, and write the reports')
    .addOption(
      new Option('-d, --device <name>', "a board, a board type, or 'all' (repeatable)")
        .argParser(collect)
        .default([], 'required'),
    )
    .option('-i, --image <[variant=]file>', 'the image: FILE, debug=FILE or release=FILE (repeatable)', collect, [])
    .option('-f, --feature <id>', 'only this row of the status page (repeatable)', collect, [])
    .option('-g, --grep <pattern>', 'only tests whose title matches')
    .option('--no-flash', 'test what is on the board already')
    .addOption(benchOption())
    .option('--report-dir <folder>', 'where run folders are made')
    .option('--wait <minutes>', 'how long to wait for a board that is held', minutes, 30)
    .option('--json', 'events as JSON lines on standard output')
    .option('-v, --verbose', "the program's own log on standard error")
    .addHelpText(
      'after',
      '\nExamples:\n  hil run --device nuc --feature debug-ssh\n  hil run -d orin -d x1 --image debug=result/ghaf.img.zst\n  hil run -d nuc --no-flash --grep "host key"',
    )
    .action(async options => (await import('./verbs/run.ts')).run(options, signal))

const boards: Verb = () =>
  new Command('boards')
    .description('list the boards of a bench: type, holder, what this host lacks for them')
    .addOption(benchOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  hil boards\n  hil boards --bench lab.yaml --json')
    .action(async options => (await import('./verbs/boards.ts')).boards(options))

const power: Verb = signal =>
  new Command('power')
    .description('switch a board on or off, or read its power')
    .argument('<board>')
    .addArgument(new Command().createArgument('<action>').choices(['on', 'off', 'cycle', 'status']))
    .addOption(benchOption())
    .addHelpText('after', '\nExamples:\n  hil power nuc-1 on\n  hil power nuc-1 status')
    .action(async (board, action, options) => (await import('./verbs/power.ts')).power(board, action, options, signal))

const flash: Verb = signal =>
  new Command('flash')
    .description("write an image to a board's boot medium and prove it; leaves the board off")
    .argument('<board>')
    .option('-i, --image <[variant=]file>', "the image (default: the bench's own)", collect, [])
    .addOption(benchOption())
    .addHelpText('after', '\nExample:\n  hil flash nuc-1 --image result/nixos.img.zst')
    .action(async (board, options) => (await import('./verbs/flash.ts')).flash(board, options, signal))

const consoleVerb: Verb = signal =>
  new Command('console')
    .description("a board's serial console: interactive when the board is free, read-only while a run holds it")
    .argument('<board>')
    .addOption(benchOption())
    .addHelpText('after', '\nType Ctrl-] to leave.\n\nExample:\n  hil power nuc-1 on && hil console nuc-1')
    .action(async (board, options) => (await import('./verbs/console.ts')).console(board, options, signal))

const ssh: Verb = () =>
  new Command('ssh')
    .description("log in to a board that is on, or to one of its guests; commands behind '--' are run there")
    .argument('<board>')
    .argument('[command...]')
    .option('--vm <guest>', 'a guest of the board, such as net-vm')
    .addOption(benchOption())
    .addHelpText('after', '\nExamples:\n  hil ssh nuc-1\n  hil ssh nuc-1 --vm net-vm -- ip -br a')
    .action(async (board, command, options) => (await import('./verbs/ssh.ts')).ssh(board, command, options))

const matrix: Verb = () =>
  new Command('matrix')
    .description('repeat the results of a run, or the status page, from what is recorded; touches no board')
    .option('--from <run.jsonl>', 'the log of a run: its matrix')
    .option(
      '--evidence <file>',
      "the evidence kept, for the status page (default: this checkout's reports/evidence.jsonl)",
    )
    .option('--as-of <time>', 'judge ages as of this ISO time (default: the newest evidence)')
    .option('--write', 'write reports/status.md; with --from, first take the run into the evidence')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  hil matrix --from reports/runs/<run>/run.jsonl\n  hil matrix --evidence reports/evidence.jsonl --as-of 2026-08-01T00:00:00Z',
    )
    .action(async options => (await import('./verbs/matrix.ts')).matrix(options))

const doctor: Verb = () =>
  new Command('doctor')
    .description('check this host and a bench: programs, images, consoles')
    .addOption(benchOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  hil doctor --bench devices/benches/example.yaml')
    .action(async options => (await import('./verbs/doctor.ts')).doctor(options))

const completion: Verb = () =>
  new Command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Command().createArgument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nExample:\n  hil completion bash > ~/.local/share/bash-completion/completions/hil')
    .action(async shell => (await import('./verbs/completion.ts')).completion(shell))

/** Every verb, in the order of `--help`. */
export const VERBS: readonly Verb[] = [run, boards, consoleVerb, ssh, flash, power, matrix, doctor, completion]
