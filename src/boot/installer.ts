import { Fault } from '../base/fault.ts'
import { humanDuration, readableLines, shellLine } from '../base/text.ts'
import type { ConsolePort, Match } from '../controls/console.ts'
import type { InstallOrder } from '../model/bench-file.ts'
import { judgeInstall, lastLines } from './installer/judge.ts'

export interface InstallerMeans {
  /** Who runs it, and what `sudo` may ask for. */
  readonly user: string
  readonly password?: string | undefined
  readonly signal: AbortSignal
  /** How long it may be silent before its last line is looked at for a question. */
  readonly quietMs?: number
}

/**
 * A shell in a booted installer → the image on a disk inside the board, by ghaf-installer's own prompts. Ends with all of
 * it on that disk: the board may be switched off.
 *
 * Errors: `configuration/bench-file` for a disk it does not take, `product/installer` for what it says itself, a question
 * nobody foresaw, and a limit it did not keep; `infrastructure/installer` for a disk inside the board that fails.
 * Source: https://github.com/tiiuae/ghaf, packages/installer/ghaf-installer.sh, from 2024 to 2026.
 */
export async function driveInstaller(port: ConsolePort, order: InstallOrder, means: InstallerMeans): Promise<void> {
  const from = port.end()
  const endMs = port.clock.ticksMs() + order.limitMs
  await port.write(commandOf(order, means.user))
  const asked = new Map<Prompt, number>()
  for (let at = from; ;) {
    const match = await heard(port, order, means, { from, at, endMs })
    const prompt = PROMPTS[match.groups.findIndex(group => group !== undefined)]
    if (!prompt) return judgeInstall(readableLines(port.slice(from)), order)
    const times = (asked.get(prompt) ?? 0) + 1
    asked.set(prompt, times)
    if (times > prompt.times) {
      await port.write('\u0003')
      throw refused(prompt, order, port.slice(from))
    }
    at = match.to
    await port.write(`${prompt.answer(order, means)}\n`)
  }
}

/** The installer's command line for an order. */
export function installerWords({ device, encrypt, unattended }: InstallOrder): string[] {
  return ['ghaf-installer', ...(encrypt ? ['-e'] : []), ...(unattended ? ['-d', device, '-y'] : [])]
}

interface Prompt {
  readonly name: string
  /** Without groups of its own. */
  readonly asks: RegExp
  /** How often it may ask: more often means that it did not take the answer. */
  readonly times: number
  answer(order: InstallOrder, means: InstallerMeans): string
}

const PROMPTS: readonly Prompt[] = [
  {
    name: 'the password for sudo',
    asks: /\[sudo\] password for [^:\r\n]{1,64}: /,
    times: 1,
    answer: (_, { password }) => password ?? '',
  },
  { name: 'the disk', asks: /Device name \[[^\]\r\n]{0,80}\]: /, times: 1, answer: ({ device }) => device },
  // Once for a removable disk, once for all.
  { name: 'to go on', asks: /[Dd]o you want to continue\? \[y\/N\] /, times: 2, answer: () => 'y' },
  { name: 'to go on', asks: /press Enter to proceed\. /, times: 1, answer: () => '' },
]

/** The end: of the command line below, or of the installer when it restarts the board itself. */
const ENDED = /\{hil-install:\d{1,3}\}|Installation done\. Rebooting/
const ANY = new RegExp([...PROMPTS.map(({ asks }) => `(${asks.source})`), ENDED.source].join('|'))
const QUIET_MS = 60_000

/**
 * The kernel is silenced first: one of its lines in the middle of a prompt would hide it. The last write may still be
 * in memory when the installer says that it is done: it does not wait for the disk.
 */
function commandOf(order: InstallOrder, user: string): string {
  const run = shellLine(['sh', '-c', 'dmesg -n 1; exec "$@"', 'sh', ...installerWords(order)])
  return `${user === 'root' ? '' : 'sudo '}${run}; r=$?; sync; printf '{%s}\\n' hil-install:$r\n`
}

/** The next prompt or the end. A silence is looked at: who asks something else will wait for ever. */
async function heard(
  port: ConsolePort,
  order: InstallOrder,
  { signal, quietMs = QUIET_MS }: InstallerMeans,
  { from, at, endMs }: { from: number; at: number; endMs: number },
): Promise<Match> {
  const silence = new Error('silence')
  for (;;) {
    const end = port.end()
    const leftMs = endMs - port.clock.ticksMs()
    if (leftMs <= 0) throw late(order, port.slice(from))
    try {
      return await port.expect(ANY, { from: at, limitMs: Math.min(quietMs, leftMs), signal, late: () => silence })
    } catch (error) {
      if (error !== silence) throw error
    }
    const last = readableLines(port.slice(at)).at(-1) ?? ''
    if (port.end() !== end || !/(?:\?|[?:] ?|\[[yYnN]\/[yYnN]\]:?) ?$/.test(last)) continue
    await port.write('\u0003')
    throw new Fault('product/installer', {
      expected: 'ghaf-installer to ask what it is known to ask',
      seen: `'${last.trim()}', and then silence`,
      next: 'it asks something new: install by hand, and have the question added to src/boot/installer.ts',
      evidence: lastLines(readableLines(port.slice(from))),
    })
  }
}

function refused(prompt: Prompt, { device }: InstallOrder, said: Buffer): Fault {
  const isDisk = prompt.asks.source.startsWith('Device name')
  return new Fault(isDisk ? 'configuration/bench-file' : 'product/installer', {
    expected: `ghaf-installer to take the answer to its question for ${prompt.name}${isDisk ? `, ${device}` : ''}`,
    seen: 'the same question again',
    next: isDisk
      ? 'correct install.device of the board: the installer lists the disks above its question'
      : 'read the console: what does it not like?',
    evidence: lastLines(readableLines(said)),
  })
}

function late({ limitMs }: InstallOrder, said: Buffer): Fault {
  return new Fault('product/installer', {
    expected: `ghaf-installer to end within ${humanDuration(limitMs)}`,
    seen: 'it was still at work',
    next: 'read the console: how far did it come? A slow disk may need a larger install.limitMs in the bench file',
    evidence: lastLines(readableLines(said)),
  })
}
