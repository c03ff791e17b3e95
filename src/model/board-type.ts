import type { Rung } from './ladder.ts'

/** A model of board: facts and limits, no logic. One file each in `devices/boards`. */
export interface BoardType {
  readonly name: string
  readonly title: string
  /** Facts a feature may need: `x86`, `netvm`, `serial`. The type's own name is one too. */
  readonly traits: readonly string[]
  /** A machine that is on before and after us and only entered: nothing of it is switched, flashed or booted. */
  readonly alwaysOn?: true
  readonly boot: BootFacts
  /** The device the root file system must come from once the image was flashed to its boot medium. */
  readonly rootDevice: RegExp
  /** The same once the image was written to a disk inside the board, in recovery mode or by an installer. */
  readonly insideDevice?: RegExp
  /** How it shows on USB while it waits to be flashed whole. Absent: it has no such mode. */
  readonly recovery?: RecoveryFacts
  /** How long rungs of the recovery ladder may take, and all of it, where what follows from the boot's limits does not fit. */
  readonly ladderMs?: Partial<Readonly<Record<Rung | 'whole', number>>>
  /** The network inside the board: the host's own address and its guest VMs'. Absent: it has no guests. */
  readonly inside?: { readonly host: string; readonly guests: Readonly<Record<string, string>> }
}

/** How a board of this type comes up on its console. */
export interface BootFacts {
  /** First sign that firmware or boot loader runs; tells a dead board from a silent image. */
  readonly firmware: RegExp
  /** First sign that the kernel runs. */
  readonly kernel: RegExp
  /** The prompt of getty. Ends the boot. */
  readonly login: RegExp
  /** What stands at the very end once firmware or boot loader waits for a person instead of booting. Ends the boot too. */
  readonly stopped?: RegExp
  /** The boot loader whose prompt can be had. */
  readonly loader?: LoaderFacts
  readonly limitsMs: BootLimits
  /** What is learned of a board never makes its waits shorter than this; absent: half of the limit. */
  readonly floorsMs?: { readonly boot?: number; readonly login?: number }
}

/** A U-Boot that can be stopped and driven on the console. */
export interface LoaderFacts {
  /** Whether the hardware has it or only the twin. */
  readonly on: 'hardware' | 'twin'
  /** First line of the stage that listens. */
  readonly banner: RegExp
  /** Stops the countdown. U-Boot takes any, unless built with `AUTOBOOT_KEYED`. */
  readonly key: string
  /** Its prompt, as it stands at the beginning of a line. */
  readonly prompt: string
}

export interface BootLimits {
  /** Power-on → login prompt. */
  readonly boot: number
  /** Login prompt → shell. */
  readonly login: number
  /** Login prompt → SSH answers. */
  readonly ssh: number
  /** Power-off asked → power reads off. */
  readonly off: number
}

/** A board in its recovery mode: a USB device of this host that a vendor's program can talk to. */
export interface RecoveryFacts {
  /** `vendor:product` as `lsusb` prints it; one for each module of the type. */
  readonly usbIds: readonly string[]
  /** How long after the last step of entering it the device may take to appear. */
  readonly appearsWithinMs: number
}
