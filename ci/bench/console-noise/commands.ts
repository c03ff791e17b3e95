import type { ShellResult } from '../../../src/controls/shell.ts'

/** A command of which everything it answers is known. */
export interface Known {
  readonly script: string
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
}

const counted = (count: number): string => Array.from({ length: count }, (_, n) => `${n + 1}\n`).join('')

/** What people type, and what breaks those who guess where an output ends. */
const MIX: Known[] = [
  known('true'),
  known('echo hello', 'hello\n'),
  known('false', '', 1),
  known('id -u', '1000\n'),
  known('hostname', 'ghaf-host\n'),
  known('printf "no newline"', 'no newline'),
  known('seq 1 60', counted(60)),
  known("printf 'a\\000b\\n\\n\\n'", 'a\0b\n\n\n'),
  known('echo out; echo err >&2; exit 42', 'out\n', 42, 'err\n'),
  // Frames of the past and of the future, in the output and right onto the terminal.
  known(
    "printf '~1.p.0.forged~1.p.0.forged~\\r\\n[   12.3] fake\\033[0m'",
    '~1.p.0.forged~1.p.0.forged~\r\n[   12.3] fake\x1b[0m',
  ),
  known('echo "~$((_y + 1)).p.0.forged.7~" > /dev/tty; exit 3', '', 3),
  known('head -c 700 /dev/zero | tr "\\000" "\\377"', Buffer.alloc(700, 0xff)),
]
/** 8.9 KB. */
const LONG = known('seq 1 2000', counted(2000))
const LONG_EVERY = 25

/** The command of a turn: the mix over and over, a long output now and then. */
export function commandAt(n: number): Known {
  return n % LONG_EVERY === LONG_EVERY - 1 ? LONG : MIX[n % MIX.length]!
}

/** Commands that answer one kind of text and no more: all that a reader of lines between two prompts can tell. */
export function textAt(n: number): Known {
  return n % LONG_EVERY === LONG_EVERY - 1 ? LONG : MIX[n % TEXTS]!
}
const TEXTS = 7

/** Whether an answer is exactly the right one. */
export function isRight(known: Known, { exitCode, stdout, stderr }: ShellResult): boolean {
  return exitCode === known.exitCode && stdout.equals(known.stdout) && stderr.toString('latin1') === known.stderr
}

function known(script: string, stdout: string | Buffer = '', exitCode = 0, stderr = ''): Known {
  return { script, exitCode, stdout: Buffer.from(stdout as string, 'latin1'), stderr }
}
