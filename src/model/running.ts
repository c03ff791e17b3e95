/** What a board says it runs, asked right after its boot. */
export interface Running {
  readonly bootId: string
  /** As `nixos-version` has it, without the release's name: `26.05.20261101.743ae50`. */
  readonly version?: string
  /** The commit of the configuration it was built from, where the image says. */
  readonly commit?: string
  /** The version of its firmware: what its BIOS or UEFI calls it, or its U-Boot. */
  readonly firmware?: string
  /** The partition that holds the running system and the disks below it; null: it lies in memory, or nobody can tell. */
  readonly root: { readonly device: string; readonly disks: readonly string[] } | null
  readonly disks: readonly RunningDisk[]
  /** The flash after which this system was first booted here; absent: this is its first boot. */
  readonly marker?: string
}

/** A disk as the board sees it. */
export interface RunningDisk {
  /** `nvme0n1`. */
  readonly name: string
  readonly sizeBytes: number
  readonly serial?: string
  /** The flash whose stamp lies on it; null: it was read and has none. Absent: reading takes more rights. */
  readonly stamp?: string | null
}

/** By what a flashed medium is recognised again on the board. */
export interface FlashedMedium {
  /** Names this one flash: 16 random hex digits. */
  readonly id: string
  /** Whether the medium carries the id as a stamp, behind the image. */
  readonly stamped: boolean
  /** Absent where the medium never was a disk of this host. */
  readonly sizeBytes?: number
  readonly serial?: string
  /** `inside`: the image went on to a disk of the board's own, by its recovery mode or by an installer. */
  readonly boots: 'medium' | 'inside'
}

/** What was found out about a boot: what runs, and by what its disk is known to be the one flashed. */
export interface BootProof {
  readonly bootId: string
  readonly disk: string | null
  readonly version: string | null
  /** Absent where the board does not say. */
  readonly firmware?: string
  /** Null: nothing was flashed, or it could not be told; then there is a note in the log. */
  readonly by: DiskProof | null
}

/** From the strongest: the stamp of this flash, the serial number, the only disk of that size, the board's own disk. */
export type DiskProof = 'stamp' | 'serial' | 'size' | 'place'
