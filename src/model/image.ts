/** Which build of an image: `debug` has logins, `release` has none. */
export type Variant = 'debug' | 'release'

/** How an image file is packed, told by its first bytes; an ISO is `raw`, it is written as it is. */
export type ImageFormat = 'raw' | 'zst' | 'xz' | 'gz' | 'bz2'

/** A file to put on a board, named by its digest. */
export interface Image {
  /** The file; of an image in parts their folder. */
  readonly path: string
  /** What somebody named, where the file was found or fetched by it: a URL without its secrets, a folder. */
  readonly source?: string
  readonly variant: Variant
  readonly format: ImageFormat
  /** SHA-256 of the file as it lies there; of an image in parts that of its manifest and the digests of its parts. */
  readonly sha256: string
  readonly sizeBytes: number
  /** What the file beside it (`<image>.json`) claims; unproven. */
  readonly name?: string
  readonly version?: string
  /** From signed provenance where there is some, otherwise a claim. */
  readonly commit?: string
  /** How many commits lead to this one, as `git rev-list --count` and Nix's `revCount` have it. A claim like `commit`. */
  readonly position?: number
  /** SHA-256 and size of what it decodes to. */
  readonly rawSha256?: string
  readonly rawSizeBytes?: number
  /** The block map beside it: which parts of the decoded image hold data. */
  readonly bmapPath?: string
  /** Where it comes from and how far that is proven; absent in logs from before this was looked at. */
  readonly origin?: ImageOrigin
  /** What was odd about it and stopped nothing. */
  readonly notes?: readonly string[]
  /** Present: the image is in parts, and only a flasher that knows parts may take it. */
  readonly parts?: readonly ImagePart[]
}

/**
 * One file of an image in parts. It has no fixed place: its flasher makes a new partition table with the partitions in
 * the order of the parts, and writes each decoded part to the start of its own.
 */
export interface ImagePart {
  readonly path: string
  /** What it is for: `esp`, `root`. */
  readonly role: string
  readonly format: ImageFormat
  readonly sha256: string
  readonly sizeBytes: number
  /** Size decoded, where the file says. */
  readonly rawSizeBytes?: number
  readonly partition: {
    /** A type code of `sgdisk`, such as `EF00`. */
    readonly type: string
    readonly label: string
    /** `rest`: all that the partitions before it leave. */
    readonly sizeMiB: number | 'rest'
  }
}

/** Where an image says it comes from, and what of that is proven by a signature somebody trusts. */
export interface ImageOrigin {
  /** Of the file itself: `unchecked` means that there is one but no key to check it with. */
  readonly signature: 'none' | 'unchecked' | 'good'
  /** The trusted key that fits, as `SHA256:…` of its public part. */
  readonly signedBy?: string
  readonly provenance?: Provenance
  /** The line it is *proven* to come from, such as `main`; null while anything of the proof is missing. */
  readonly line: string | null
  /** One sentence for people. */
  readonly why: string
}

/** What a provenance statement says of an image: a claim, unless `signedBy` names a trusted key and it is `bound`. */
export interface Provenance {
  readonly signedBy?: string
  /** How the statement is tied to this very image: by the file's digest, by that of the Nix output it lies in, or not. */
  readonly bound: 'file' | 'nix-output' | 'not'
  readonly builder: string
  readonly repository?: string
  readonly commit?: string
  /** How many commits lead to it. */
  readonly position?: number
  readonly ref?: string
  readonly job?: string
  readonly finishedAt?: string
}
