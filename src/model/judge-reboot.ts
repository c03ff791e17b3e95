import type { FaultCode } from '../base/fault-codes.ts'

/** What is known of a board that started anew although nobody asked for it. */
export interface Reboot {
  /** The kernel or its system said that it restarts, or that it is dying. */
  readonly announced: boolean
  /** What its power reads since. */
  readonly power: 'on' | 'off' | 'unknown'
}

/**
 * Whose fault a reboot is that nobody asked for.
 *
 * A system that says it restarts did so itself, whatever its power reads by now. Without a word, steady power leaves only the
 * product; power that is off, or that cannot be read back, may have been pulled, and what is undecided is the bench's.
 */
export function judgeReboot({
  announced,
  power,
}: Reboot): Extract<FaultCode, 'product/rebooted' | 'infrastructure/board-gone'> {
  return announced || power === 'on' ? 'product/rebooted' : 'infrastructure/board-gone'
}

/** How kernels and systems say that they restart, as far as they come to it. Source: kernel/reboot.c, systemd's shutdown.c, busybox' init. */
export const RESTARTS =
  /reboot: (?:Restarting system|machine restart)|sysrq: Resetting|Rebooting (?:automatically|in \d+ seconds)|systemd-shutdown\[1\]: Rebooting|The system is going down|Requesting system reboot|Kernel panic - not syncing/
