import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import { toLogin, type PowerOnMeans } from '../boot/power-on.ts'
import type { Shell } from '../controls/shell.ts'
import type { BootFacts } from '../model/board-type.ts'
import { explained } from './boot-loader.ts'
import type { ConsoleFeed } from './console-feed.ts'
import { linesBefore } from './deaths/quote.ts'

const ASK_LIMIT_MS = 10_000
const ORDER_LIMIT_MS = 15_000
const POLL_MS = 1000

/** Which boot a machine is in. Errors: `product/no-shell` for one that does not say. */
export async function bootIdBy(shell: Shell, signal: AbortSignal): Promise<string> {
  const ask = ['cat', '/proc/sys/kernel/random/boot_id']
  const { stdout } = await shell.run(ask, { limitMs: ASK_LIMIT_MS, signal })
  const id = stdout.toString('utf8').trim()
  if (/^[0-9a-f-]{36}$/.test(id)) return id
  throw new Fault('product/no-shell', { expected: 'the board to say which boot it is in', seen: id.slice(0, 200) })
}

/** Root by itself, by sudo, or whoever else its system lets reboot it. Debian has the program where users do not look. */
const ORDER = `r=reboot; for d in /run/current-system/sw/bin /usr/sbin /sbin; do [ ! -x $d/reboot ] || { r=$d/reboot; break; }; done
if [ "$(id -u)" = 0 ] || ! command -v sudo >/dev/null 2>&1; then exec $r; fi; exec sudo -S -p '' $r`

/**
 * Tells a board to reboot, over SSH by preference: a password must not stand in the recording of a console. Errors:
 * `product/no-reboot` where the board refuses; over a console that shows only later.
 */
export async function orderReboot(
  way: { by: 'ssh' | 'serial'; shell: Shell },
  password: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const options = { limitMs: ORDER_LIMIT_MS, signal }
  if (way.by === 'serial') {
    // Behind its back: an order that does not come back would be interrupted, and a key may stop a boot loader.
    const line = `(sleep 1; ${ORDER.replace('-S -p', '-n -p')}) </dev/null >/dev/null 2>&1 &`
    await way.shell.run(['sh', '-c', line], options)
    return
  }
  const input = password === undefined ? undefined : Buffer.from(`${password}\n`)
  try {
    const { exitCode, stderr } = await way.shell.run(['sh', '-c', ORDER], { ...options, ...(input && { input }) })
    if (exitCode !== 0) throw notRebooted(`it refused: ${stderr.toString('utf8').trim().slice(0, 200)}`)
  } catch (error) {
    // It was faster than its answer.
    if (!(error instanceof Fault) || error.code !== 'infrastructure/ssh-lost') throw error
  }
}

export function notRebooted(seen: string, evidence: readonly string[] = []): Fault {
  return new Fault('product/no-reboot', { expected: 'the board to reboot when it is told to', seen, evidence })
}

export interface UpMeans extends Pick<PowerOnMeans, 'powerState' | 'starvedMs' | 'signal'> {
  /** Absent: only its network tells when it is up. */
  readonly console: ConsoleFeed | undefined
  readonly facts: BootFacts
  readonly limitMs: number
  readonly clock: Clock
  /** Asks anew, by a new connection. */
  readonly ask: (signal: AbortSignal) => Promise<string>
}

/**
 * Waits until a board that was told to reboot when its console stood at `from` is in another boot than `before`; gives that back.
 *
 * A login prompt may still be the old boot's, whose sessions end one by one: only the boot id tells. Errors: as for any boot,
 * `product/no-reboot` where none began.
 */
export async function newBoot(before: string, from: number, means: UpMeans): Promise<string> {
  const { console, facts, limitMs, clock, ask, signal } = means
  const endMs = clock.ticksMs() + limitMs
  for (let at = from; ;) {
    const leftMs = Math.max(1, endMs - clock.ticksMs())
    if (console) {
      const login = toLogin(console, facts, at, leftMs, means)
      const seen = await explained(console, login).catch((error: unknown) => {
        const began = facts.firmware.test(console.slice(from).toString('latin1'))
        throw error instanceof Fault && error.class !== 'cancelled' && !began && !signal.aborted
          ? whyNone(error, console)
          : error
      })
      at = seen.to
    }
    const id = await ask(signal).catch((error: unknown) => {
      signal.throwIfAborted()
      if (clock.ticksMs() >= endMs) throw error
      return before
    })
    if (id !== before) return id
    if (clock.ticksMs() >= endMs) throw notRebooted(`the same boot for ${Math.round(limitMs / 1000)} s`)
    await clock.sleep(POLL_MS, signal)
  }
}

/** Trouble of the board, or of its cable, is told as it is; silence is that nothing happened. */
function whyNone(error: Fault, console: ConsoleFeed): Fault {
  if (console.vitals.trouble || console.away !== undefined) return error
  return notRebooted('no sign of a new boot on its console', linesBefore(console.recording))
}
