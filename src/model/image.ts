/** Which build of an image: `debug` has logins, `release` has none. */
export type Variant = 'debug' | 'release'

/** A file to put on a board, named by its digest. */
export interface Image {
  readonly path: string
  readonly variant: Variant
  readonly format: 'raw' | 'zst'
  /** SHA-256 of the file as it lies there. */
  readonly sha256: string
  readonly sizeBytes: number
  /** What the file beside it (`<image>.json`) claims; unproven. */
  readonly name?: string
  readonly version?: string
  readonly commit?: string
  readonly rawSha256?: string
  readonly rawSizeBytes?: number
}
