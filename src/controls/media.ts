/** A boot medium on this host, and what the bench file says about it: a flasher refuses anything else. */
export interface Medium {
  readonly path: string
  /**
   * `device`: hardware, never a regular file. `file`: the disk of a virtual board. `recovery`: the board itself, waiting
   * on USB for a vendor's program; the path is then its folder under `/sys/bus/usb/devices`.
   */
  readonly kind: 'device' | 'file' | 'recovery'
  /** The serial number the device must report, where the bench file names one. */
  readonly serial?: string
  /** The size the device must have, give or take a tenth: what is printed on a medium is rounded. */
  readonly sizeBytes?: number
}

/** The boot medium and what switches it between this host and the board. */
export interface Media {
  /** Hands the medium to this host and says where it is. Errors: `infrastructure/media`. */
  toHost(signal: AbortSignal): Promise<Medium>
  /** Gives it to the board, and resolves once it was seen to have left this host. Errors: `infrastructure/media`. */
  toBoard(signal: AbortSignal): Promise<void>
}
