import { Command, Option } from 'commander'
import { systemClock } from '../base/time.ts'
import { golden } from './golden-verb.ts'
import { HISTORY_VERBS } from './history-verbs.ts'
import { benchOption, minutes, repeatable, reportDirOption, trustKeyOption, wholeNumber, words } from './options.ts'
import { agentOption, LEASE_VERBS, priority, releasesBoards } from './lease-verbs.ts'

/** Builds one verb. The verb's own code is loaded when it runs, so that every other one starts fast. */
export type Verb = (signal: AbortSignal) => Command

const knownIssuesOption = (): Option =>
  new Option('--known-issues <file>', 'failures somebody works on (default: reports/known-issues.yaml)')

const run: Verb = signal =>
  new Command('run')
    .description('flash, boot and test boards, and write the reports')
    .addOption(repeatable('-d, --device <name>', "a board, a board type, or 'all'", 'required'))
    .addOption(
      repeatable(
        '-i, --image <[variant=]image>',
        'a file, URL or build result: IMAGE, debug=IMAGE or release=IMAGE',
        "the bench's own",
      ),
    )
    .addOption(trustKeyOption())
    .addOption(repeatable('-f, --feature <id>', 'only this row of the status page', 'every row'))
    .option('-g, --grep <pattern>', 'only tests whose title matches')
    .option('--no-flash', 'test what is on the board already')
    .addOption(
      new Option(
        '--confirm <how>',
        'run failed tests again: at once (again), or also with the golden image, the image, and on another board (aba)',
      ).choices(['again', 'aba']),
    )
    .option('--no-confirm', 'do not run failed tests again to see whether they repeat')
    .option('--diagnose', 'try a board that does not boot with its golden image, twins too (default: boards of metal)')
    .option('--no-diagnose', 'never do')
    .addOption(knownIssuesOption())
    .addOption(benchOption())
    .option('--report-dir <folder>', 'where run folders are made')
    .option('--wait <minutes>', 'how long to wait for a board that is held', minutes, 30)
    .option('--priority <n>', 'where an agent has the boards: 0 to 9, 5 is usual; more ends runs of less', priority)
    .option('--json', 'events as JSON lines on standard output')
    .option('-v, --verbose', "the program's own log on standard error")
    .addHelpText(
      'after',
      '\nExamples:\n  hil run --device nuc --feature debug-ssh\n  hil run -d orin -d x1 --image debug=result/ghaf.img.zst\n  hil run -d nuc --no-flash --grep "host key"',
    )
    .action(async options => (await import('./verbs/run.ts')).run(options, signal))

const boards: Verb = signal =>
  new Command('boards')
    .description('list the boards of a bench: type, holder and until when, last image, what keeps them from use')
    .addOption(benchOption())
    .addOption(agentOption())
    .addOption(reportDirOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  hil boards\n  hil boards --bench lab.yaml --json')
    .action(async options => (await import('./verbs/boards.ts')).boards(options, signal))

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
    .addOption(repeatable('-i, --image <[variant=]image>', 'a file, URL or build result', "the bench's own"))
    .addOption(new Option('--delta', 'read the medium first and write only what differs').conflicts('full'))
    .addOption(new Option('--full', 'write everything (default: whichever pays)'))
    .addOption(new Option('--verify-only', 'only compare the medium with the image').conflicts(['delta', 'full']))
    .option('--dry-run', 'check image and medium and say what would be written where')
    .addOption(trustKeyOption())
    .addOption(benchOption())
    .option('--json', 'progress and result as JSON lines on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  hil flash nuc-1 --image result/nixos.img.zst\n  hil flash nuc-1 --image https://ci.example/images/ghaf-image.raw.zst --delta\n  hil flash nuc-1 --verify-only\n  hil flash nuc-1 --image result --dry-run',
    )
    .action(async (board, options) => (await import('./verbs/flash.ts')).flash(board, options, signal))

const image: Verb = signal =>
  new Command('image').description('look at images').addCommand(
    new Command('inspect')
      .description('what an image is: format, size, partitions, digest, signature, provenance, block map')
      .argument('<image>', 'a file, a URL, a build result, or a folder with flash-manifest.json')
      .addOption(trustKeyOption())
      .addOption(benchOption())
      .option('--json', 'as JSON')
      .addHelpText(
        'after',
        '\nExamples:\n  hil image inspect result\n  hil image inspect ghaf-image.raw.zst --trust-key ghaf.pem\n  hil image inspect https://ci.example/images/ghaf-image.raw.zst --json | jq .image.origin',
      )
      .exitOverride()
      .action(async (reference, options) => (await import('./verbs/image.ts')).inspect(reference, options, signal)),
  )

const consoleVerb: Verb = signal =>
  new Command('console')
    .description("a board's serial console: everybody may watch, one may write")
    .argument('<board>')
    .option('--watch', 'only watch')
    .option('--steal', 'take the console from whoever writes; of a run, that ends its tests of this board')
    .option('--reason <text>', 'with --steal: why, for whom it is taken from', words('a reason', 200))
    .addOption(benchOption())
    .addHelpText(
      'after',
      '\nCtrl-] ? lists the keys, Ctrl-] . leaves. What is piped in is typed; it ends when the board is silent.' +
        '\n\nExamples:\n  hil power nuc-1 on && hil console nuc-1\n  echo uptime | hil console nuc-1' +
        '\n  hil console nuc-1 --steal --reason "it hangs in the boot loader"',
    )
    .action(async (board, options) => (await import('./verbs/console.ts')).console(board, options, signal))

const log: Verb = signal =>
  new Command('log')
    .description("what a board's console said, in all its runs; needs no lease and disturbs nobody")
    .argument('<board>')
    .option(
      '--since <when>',
      "an age (10m, 2h, 1d), an ISO time, or 'boot': the last power-on (default: all that is kept)",
    )
    .option('-f, --follow', 'go on with what it says from now on; Ctrl-C ends')
    .option('-g, --grep <pattern>', 'only lines that match this regular expression')
    .option('-t, --timestamps', 'the time of each line in front of it')
    .addOption(new Option('--json', 'one JSON object a line: {offset, at, text}').conflicts('cast'))
    .addOption(new Option('--cast', 'as asciicast v2, for asciinema').conflicts(['grep', 'timestamps']))
    .addOption(benchOption())
    .addHelpText(
      'after',
      '\nExamples:\n  hil log nuc-1 --since boot\n  hil log nuc-1 --since 10m --follow --grep "error|fail"\n  hil log nuc-1 --since 1d --json | jq -r .text\n  hil log nuc-1 --since boot --cast > boot.cast && asciinema play boot.cast',
    )
    .action(async (board, options) => (await import('./verbs/log.ts')).log(board, options, signal))

const ssh: Verb = () =>
  new Command('ssh')
    .description("log in to a board that is on, or to one of its guests; commands behind '--' are run there")
    .argument('<board>')
    .argument('[command...]')
    .option('--vm <guest>', 'a guest of the board, such as net-vm')
    .addOption(benchOption())
    .addHelpText('after', '\nExamples:\n  hil ssh nuc-1\n  hil ssh nuc-1 --vm net-vm -- ip -br a')
    .action(async (board, command, options) => (await import('./verbs/ssh.ts')).ssh(board, command, options))

const put: Verb = signal =>
  new Command('put')
    .description('send a file to a board over its serial console: for one without network')
    .argument('<board>')
    .argument('<file>', 'of this host')
    .argument('<path>', 'on the board: a file or a folder')
    .addOption(benchOption())
    .addHelpText(
      'after',
      '\nThe board must be booted. What was interrupted is gone on with.\n\nExample:\n  hil put imx8mp-1 probe.ko /tmp/',
    )
    .action(async (board, from, to, { bench }) =>
      (await import('./verbs/copy.ts')).copy('put', board, { from, to, bench }, signal),
    )

const get: Verb = signal =>
  new Command('get')
    .description('fetch a file from a board over its serial console')
    .argument('<board>')
    .argument('<path>', 'a file on the board')
    .argument('[file]', 'of this host: a file or a folder', '.')
    .addOption(benchOption())
    .addHelpText('after', '\nExample:\n  hil get imx8mp-1 /var/log/messages')
    .action(async (board, from, to, { bench }) =>
      (await import('./verbs/copy.ts')).copy('get', board, { from, to, bench }, signal),
    )

const matrix: Verb = () =>
  new Command('matrix')
    .description('repeat the results of a run, or the status page, from what is recorded; touches no board')
    .option('--from <run.jsonl>', 'the log of a run: its matrix')
    .option(
      '--evidence <file>',
      "the evidence kept, for the status page (default: this checkout's reports/evidence.jsonl)",
    )
    .option('--as-of <time>', 'judge ages as of this ISO time (default: the newest evidence)')
    .option('--line <name>', 'judge by images of this line: main, or a release such as v26.08', 'main')
    .addOption(knownIssuesOption())
    .option('--page <file>', 'a Markdown or MDX page with feature tables: what its status cells should say, as a diff')
    .option('--write', 'write reports/status.md, or the page; with --from, first take the run into the evidence')
    .option('--check', 'with --page: fail when the page and the evidence disagree')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  hil matrix --from reports/runs/<run>/run.jsonl\n  hil matrix --evidence reports/evidence.jsonl --as-of 2026-08-01T00:00:00Z\n  hil matrix --line v26.08 > status-v26.08.md\n  hil matrix --page docs/features.md --check\n  hil matrix --page docs/features.md --write',
    )
    .action(async options => (await import('./verbs/matrix.ts')).matrix(options))

const release: Verb = signal => {
  const about = (command: Command): Command =>
    command
      .requiredOption('--to <release>', 'the release: the line that its images are proven to come from')
      .option('--from <release>', 'the release it is compared with')
      .option('--evidence <file>', "the evidence kept (default: this checkout's reports/evidence.jsonl)")
      .option('--runs <folder>', "run folders, for times and versions (default: this checkout's reports/runs)")
      .addOption(knownIssuesOption())
      .option('--waivers <file>', 'who answers for what does not hold: YAML')
      .option('--as-of <time>', 'judge ages and waivers as of this ISO time (default: now)')
      .option('--json', 'as JSON on standard output')
      .exitOverride()
  return releasesBoards(new Command('release'), signal)
    .description("give boards back that you hold; or a release's status: a report to hand out, and a gate for CI")
    .addHelpText('after', '\nExamples:\n  hil release orin-1\n  hil release report --to v26.08')
    .addCommand(
      about(new Command('report'))
        .description('what holds, what changed and why, with the evidence: Markdown and one HTML file')
        .option('-o, --out <folder>', "where both go (default: this checkout's reports/releases/<release>)")
        .addHelpText(
          'after',
          '\nWith --waivers the gate and what is waived are part of the report. Same input and --as-of, same bytes.\n\nExamples:\n  hil release report --to v26.08 --from v26.07\n  hil release report --to v26.08 --waivers waivers.yaml --out /tmp/v26.08',
        )
        .action(async options => (await import('./verbs/release.ts')).report(options, systemClock.nowMs())),
    )
    .addCommand(
      about(new Command('gate'))
        .description('exit 0 when the release may go out, 1 when something is broken, 5 when something is not proven')
        .addHelpText(
          'after',
          `
Every row declared integrated must be proven by the newest build, in the last 14 days; nothing may be broken.
With --from, nothing may fail that held in that release, whatever its maturity. An open known issue is broken.
A waiver lets a row pass until its last day:

  waivers:
    - feature: debug-serial
      scope: [x1]              # board types, device words of the page, or all
      approver: Ada Example
      reason: this laptop has no serial port
      expires: 2026-12-31
      line: v26.08             # optional: only for this release

Examples:
  hil release gate --to v26.08
  hil release gate --to v26.08 --from v26.07 --waivers waivers.yaml`,
        )
        .action(async options => (await import('./verbs/release.ts')).gate(options, systemClock.nowMs())),
    )
}

const doctor: Verb = () =>
  new Command('doctor')
    .description('check this host and a bench: programs, images, consoles')
    .addOption(benchOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  hil doctor --bench devices/benches/example.yaml')
    .action(async options => (await import('./verbs/doctor.ts')).doctor(options))

const sim: Verb = signal =>
  new Command('sim')
    .description('try out this program on simulated boards where, seed by seed, other things go wrong')
    .option('--seeds <from..to>', 'which seeds', '1..100')
    .addOption(
      new Option('--seed <n>', 'this one only, lived twice').argParser(wholeNumber('a seed', 0)).conflicts('seeds'),
    )
    .option('--timeline', 'with --seed: all that happened in it; the same each time')
    .option('--replay-every <n>', 'each seed that this divides is lived twice', wholeNumber('seeds', 1), 10)
    .option('--jobs <n>', 'how many processes (default: one for each processor)', wholeNumber('processes', 1))
    .option('--json', 'a line for each seed, and one for all of them')
    .addHelpText(
      'after',
      `
Plan, leases, flash, boot, consoles, tests and verdicts are those of hil run; equipment and time are simulated. After each seed:
only faults of the bench make no fail, only those of the product no error; nobody acts on a board that somebody else has;
runs end, leases are given back, boards are off; recordings are what was said, or say where they are not; a seed lived twice is
the same; every cell says why it is no pass. Exits with 70 when one of these does not hold.

Examples:
  hil sim --seeds 1..1000
  hil sim --seed 1234 --timeline
  hil sim --seeds 1..50 --json | jq 'select(.violations != [])'`,
    )
    .action(async options => (await import('./verbs/sim.ts')).sim(options, signal))

const completion: Verb = () =>
  new Command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Command().createArgument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nExample:\n  hil completion bash > ~/.local/share/bash-completion/completions/hil')
    .action(async shell => (await import('./verbs/completion.ts')).completion(shell))

/** Every verb, in the order of `--help`. */
export const VERBS: readonly Verb[] = [
  run,
  boards,
  ...LEASE_VERBS,
  consoleVerb,
  log,
  ssh,
  flash,
  image,
  golden,
  power,
  put,
  get,
  matrix,
  release,
  ...HISTORY_VERBS,
  doctor,
  sim,
  completion,
]
