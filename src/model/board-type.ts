/** A model of board: facts and limits, no logic. One file each in `devices/boards`. */
export interface BoardType {
  readonly name: string
  readonly title: string
  /** Facts a feature may need: `x86`, `netvm`, `serial`. The type's own name is one too. */
  readonly traits: readonly string[]
  readonly boot: BootFacts
  /** The device the root file system must come from once the image was flashed to its boot medium. */
  readonly rootDevice: RegExp
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
  readonly limitsMs: BootLimits
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
