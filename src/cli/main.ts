import { Command, CommanderError } from 'commander'
import { asFault, type Fault } from '../base/fault.ts'
import { harmlessLines } from '../base/text.ts'
import { exitCodeOf } from '../model/verdict.ts'
import { interruptSignal } from './interrupt.ts'
import { VERSION } from './version.ts'
import { VERBS } from './verbs.ts'

const program = new Command('hil')
  .description('Takes an image and a lab board from "the build is done" to an answer everybody can trust.')
  .version(VERSION)
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  hil run --device nuc                     flash, boot and test the virtual NUC
  hil run --device all --json              every board type of the bench, events as JSON lines
  hil run --device orin --bench lab.yaml --image debug=result/nixos.img.zst
  hil boards                               what there is, and who holds it
  hil doctor                               what this host lacks

Exit codes: 0 all well · 1 product · 2 configuration · 3 infrastructure · 4 lease · 5 test · 70 internal · 130 interrupted`,
  )

for (const verb of VERBS) program.addCommand(verb(interruptSignal).exitOverride())

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): number {
  // Help and version are thrown too; a word or option it does not know is a mistake in usage.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const fault = asFault(error)
  process.stderr.write(`hil: ${harmlessLines(fault.message)}\n`)
  if (fault.class === 'internal') process.stderr.write(restOfStack(fault))
  return exitCodeOf([fault.class])
}

/** Where a bug struck, as far as its message has not told. */
function restOfStack(fault: Fault): string {
  const stack = (fault.cause as Error | undefined)?.stack ?? fault.stack ?? ''
  const frames = stack.split('\n').filter(line => /^\s+at /.test(line) && !fault.message.includes(line.trim()))
  return frames.map(line => `${harmlessLines(line)}\n`).join('')
}
