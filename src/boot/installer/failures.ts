import type { FaultCode } from '../../base/fault-codes.ts'

/** Lines by which ghaf-installer says why it gave up. Source: as `driveInstaller`. */
export const KNOWN_FAILURES: readonly {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly seen: string
  readonly next: string
}[] = [
  {
    pattern: /Invalid device name format|Device is not a valid block device!|Device not found in sysfs!/,
    code: 'configuration/bench-file',
    seen: 'the board has no such disk',
    next: 'correct install.device of the board: the installer lists the disks it sees',
  },
  {
    pattern: /Sorry, try again|incorrect password attempt|a password is required|is not in the sudoers file/,
    code: 'configuration/login',
    seen: 'sudo did not take the password of the login',
    next: 'correct login.password of the board: the installer image may have another than the image it installs',
  },
  {
    pattern: /Input\/output error|error writing [^\n]*: (?!No space)/,
    code: 'infrastructure/installer',
    seen: 'the disk inside the board, or the medium it was booted from, cannot be read or written',
    next: 'look for I/O errors of the disks in the console, and replace the one that has them',
  },
  {
    pattern: /No space left on device/,
    code: 'infrastructure/installer',
    seen: 'the disk inside the board is too small for the image',
    next: 'name a larger disk as install.device, or take a board with one',
  },
  {
    pattern: /not in Setup Mode|EFI variables not available/,
    code: 'infrastructure/installer',
    seen: 'the firmware of the board is not set up for what the installer was asked to do',
    next: 'set the firmware to setup mode for Secure Boot keys, or leave that out',
  },
  {
    pattern:
      /No \.raw\.zst image found|No image source|Could not find ESP partition|Missing key file|(?:not found|not available) in the installer/,
    code: 'product/installer',
    seen: 'something is missing in the installer image, or in the image it installs',
    next: 'find out what was built: the lines quoted name what is missing',
  },
  {
    pattern: /ghaf-installer: (?:command )?not found|No such file or directory[^\n]*ghaf-installer/,
    code: 'configuration/image',
    seen: 'no ghaf-installer on what was booted',
    next: 'name an installer image, or leave install out of the bench file',
  },
]
