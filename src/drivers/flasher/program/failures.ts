import type { FaultCode } from '../../../base/fault-codes.ts'

/** What a line of a flash program's output means. */
export interface KnownFailure {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly seen: string
  readonly next: string
}

/**
 * Lines by which flash programs say that they failed, the most telling first. `infrastructure/recovery` is tried again.
 *
 * Sources: flash-ghaf-host and initrd-flash of https://github.com/tiiuae/ghaf and
 * https://github.com/anduril/jetpack-nixos; NVIDIA's tools as quoted in
 * https://github.com/balena-os/jetson-flash/issues/110 and https://github.com/OE4T/meta-tegra/issues/1824.
 */
export const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /might be timeout in USB write/,
    code: 'infrastructure/recovery',
    seen: 'the board stopped answering in recovery mode, which it keeps up for about a minute',
    next: 'if it repeats: another cable, a port of this host itself instead of a hub, no other program on that device',
  },
  {
    pattern: /USB communication failed|Cannot Open USB|probing the target board failed|chip_info\.bin_bak missing/i,
    code: 'infrastructure/recovery',
    seen: 'the program found no board that answers in recovery mode',
    next: 'check the recovery cable, and the rights of this user on the USB device (udev rule for 0955:*)',
  },
  {
    pattern: /Reading board information failed/,
    code: 'infrastructure/recovery',
    seen: 'the board does not say which module it is',
    next: 'if it repeats: check cable and port, and that the program is for this module',
  },
  {
    pattern: /Jetson device not detected|serial port (?:did not (?:re)?appear|disappeared)|No USB mass storage device/,
    code: 'infrastructure/recovery',
    seen: 'the flashing system did not come up on USB after it was sent to the board',
    next: 'if it repeats: read the console of the board, it says how far the flashing system came',
  },
  {
    pattern: /ERROR: Timed out waiting for|Device did not confirm completion|Device ping failed after RCM boot/,
    code: 'infrastructure/recovery',
    seen: 'the flashing system on the board fell silent',
    next: 'if it repeats: read the console of the board, it says how far the flashing system came',
  },
  {
    pattern: /platform firmware unsuccessful|Device reported failure|Flashing may have failed|Failed flashing t/,
    code: 'infrastructure/flash-program',
    seen: 'the board says that it could not be flashed',
    next: 'read flash.log and the console of the board: they name the partition it failed at',
  },
  {
    pattern: /No space left on device/,
    code: 'infrastructure/flash-program',
    seen: 'no space left, on this host or on the disk of the board',
    next: 'free space in /tmp of this host; is the disk of the board large enough for the image?',
  },
  {
    pattern: /sudo: .*(?:password|terminal)|(?:must be run as|requires|need to be) root|Permission denied/i,
    code: 'configuration/bench-file',
    seen: 'the program lacks rights',
    next: 'let this user run it without a password (sudoers, NOPASSWD), or give the user a udev rule for the device',
  },
]

/** By which they say that it worked after all: what failed before was tried again by themselves. */
export const SUCCESS =
  /Flash complete|Flashing platform firmware successful|Finished flashing device|has been flashed successfully|Device reported flashing succeeded/
