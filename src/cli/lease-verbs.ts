import { Command, InvalidArgumentError, Option } from 'commander'
import { benchOption, minutes, name, names, reason, repeatable, tokenName } from './options.ts'
import type { Verb } from './verbs.ts'

// The verbs that people share boards by.

export const agentOption = (): Option =>
  new Option(
    '--agent <url>',
    'an agent on another host: https://HOST:PORT, with a token in HIL_TOKEN or the file that HIL_TOKEN_FILE names; ' +
      'HIL_AGENT_CA names the certificate (PEM) of one that signed its own',
  ).env('HIL_AGENT')

/** `90s`, `30m`, `2h`, `1d`, as ms. */
const span = (value: string): number => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(value) ?? []
  const ms = Number(number) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's']
  if (ms >= 1000 && ms <= 30 * 86_400_000) return Math.round(ms)
  throw new InvalidArgumentError('a time such as 90s, 30m, 2h or 1d; at most 30d')
}

/** 0 to 9. */
export const priority = (value: string): number => {
  if (/^[0-9]$/.test(value)) return Number(value)
  throw new InvalidArgumentError('a number from 0 to 9; 5 is usual')
}

const agent: Verb = signal =>
  new Command('agent')
    .description("own a bench's boards: give them out by a queue, keep their consoles, park them; one process a bench")
    .addOption(benchOption())
    .option('--socket <path>', 'where it answers (default: agent.sock in the state folder of the bench)')
    .option('--group <name>', 'who may use it: members of this group')
    .option('--listen <host:port>', 'also answer other hosts, by TLS and token')
    .option('--tls-key <pem>', 'with --listen')
    .option('--tls-cert <pem>', 'with --listen')
    .option('-v, --verbose', "the program's own log on standard error")
    .addHelpText(
      'after',
      '\nSIGTERM lets the runs under way finish and then ends it, a second one does not wait; SIGHUP reads the bench file and the certificate again.' +
        '\n\nExamples:\n  hil agent --bench lab.yaml --group hil' +
        '\n  hil agent --bench lab.yaml --listen 0.0.0.0:7443 --tls-key agent.key --tls-cert agent.pem' +
        '\n  hil agent token ci --role use > ci.token',
    )
    .action(async options => (await import('./verbs/agent.ts')).agent(options, signal))
    .addCommand(
      new Command('token')
        .description('make a token for other hosts, and the line of the bench file that lets it in')
        .argument('<name>', 'who shows it, as others see it', tokenName)
        .addOption(new Option('--role <role>', 'what it may do').choices(['see', 'use', 'administer']).default('use'))
        .addHelpText('after', '\nExample:\n  hil agent token ci --role use > ci.token')
        .exitOverride()
        .action(async (name, options) => (await import('./verbs/agent.ts')).token(name, options)),
    )

const hold: Verb = signal =>
  new Command('hold')
    .description('have boards for yourself for a time, all of them at once; your own hold is made longer')
    .argument('<board...>', 'boards, or board types', names)
    .addOption(new Option('--for <time>', 'how long: 90s, 30m, 2h, 1d').argParser(span).default(3_600_000, '1h'))
    .option('--reason <text>', 'what for, as others are told', reason)
    .option('--to <user>', 'hand what you hold to a colleague', name)
    .option('--wait <minutes>', 'how long to wait (default: as long as it takes)', minutes)
    .option('--priority <n>', '0 to 9, 5 is usual; more ends runs of less, after a notice', priority)
    .addOption(repeatable('--trait <trait>', 'only boards that have it, such as emmc', 'any board', name))
    .addOption(benchOption())
    .addOption(agentOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  hil hold orin-1 --for 2h --reason "it hangs in the boot loader"\n  hil hold orin-1 nuc-1 --for 30m\n  hil hold orin --trait emmc\n  hil hold orin-1 --to bob',
    )
    .action(async (boards, options) => (await import('./verbs/hold.ts')).hold(boards, options, signal))

const hand: Verb = signal =>
  new Command('hand')
    .description('hand boards that you hold to a colleague, as they are')
    .argument('<user>', 'whose they are from then on', name)
    .argument('<board...>', 'boards that you hold', names)
    .addOption(benchOption())
    .addOption(agentOption())
    .addHelpText('after', '\nExample:\n  hil hand bob orin-1')
    .action(async (user, boards, options) => (await import('./verbs/hold.ts')).hand(boards, user, options, signal))

/** Lets `hil release` end holds of boards, beside whatever else it does. */
export function releasesBoards(command: Command, signal: AbortSignal): Command {
  return command
    .argument('[board...]', 'boards to give back')
    .addOption(benchOption())
    .addOption(agentOption())
    .action(async (boards: string[], options: { bench: string; agent?: string }) => {
      if (boards.length === 0) command.help({ error: true })
      await (await import('./verbs/hold.ts')).release(boards, options, signal)
    })
}

const queue: Verb = signal =>
  new Command('queue')
    .description('who waits for which boards: place, reason, when they can expect them')
    .addOption(benchOption())
    .addOption(agentOption())
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  hil queue\n  hil queue --agent https://bench-1:7443')
    .action(async options => (await import('./verbs/queue.ts')).queue(options, signal))

const health: Verb = signal =>
  new Command('health')
    .description(
      'check a board: power, console, a boot of an image known to be good; one that is sound leaves quarantine',
    )
    .argument('<board>')
    .addOption(benchOption())
    .option('--wait <minutes>', 'how long to wait for whoever has it', minutes, 0)
    .option('--record', 'only what is known: faults per 100 runs, quarantine, the last check; touches no board')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 it is sound, 3 it is not, 1 the image did not boot, and may be to blame.' +
        '\n\nExamples:\n  hil health orin-1\n  hil health orin-1 --record --json',
    )
    .action(async (board, options) => (await import('./verbs/health.ts')).health(board, options, signal))

const quarantine: Verb = signal =>
  new Command('quarantine')
    .description('withhold a board from all runs until somebody releases it')
    .argument('<board>')
    .requiredOption('--reason <text>', 'why, as others are told', reason)
    .addOption(benchOption())
    .addOption(agentOption())
    .addHelpText('after', '\nExample:\n  hil quarantine orin-1 --reason "its fan is dead"')
    .action(async (board, options) => (await import('./verbs/quarantine.ts')).quarantine(board, options, signal))

const unquarantine: Verb = signal =>
  new Command('unquarantine')
    .description('give a quarantined board back, unseen; hil health looks first')
    .argument('<board>')
    .option('--reason <text>', 'why it is fit again, as others are told', reason)
    .addOption(benchOption())
    .addOption(agentOption())
    .addHelpText('after', '\nExample:\n  hil unquarantine orin-1 --reason "its fan is new"')
    .action(async (board, options) => (await import('./verbs/quarantine.ts')).unquarantine(board, options, signal))

/** The verbs that people share boards by, in the order of `--help`. */
export const LEASE_VERBS: readonly Verb[] = [hold, hand, queue, health, quarantine, unquarantine, agent]
