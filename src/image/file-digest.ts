import { createHash, createVerify, verify } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { isEd25519, isGood, type TrustedKey } from './trust.ts'

/** Ed25519 needs all bytes at once: over a larger file only its digest can be signed. */
export const MAX_ED25519_BYTES = 64 << 20

/** What one pass over a file found. */
export interface FileDigest {
  readonly sha256: string
  /** The trusted key that signed the file; undefined when there is no signature, or none of the keys made it. */
  readonly signer: TrustedKey | undefined
}

/**
 * Reads a file once for its SHA-256 and to check a detached signature over it.
 *
 * Signatures: ECDSA and RSA (PKCS #1 v1.5) with SHA-256 over the file, as `openssl dgst -sha256 -sign` makes them;
 * Ed25519 over the file up to `MAX_ED25519_BYTES`, or over its 32-byte SHA-256, as `openssl pkeyutl -rawin` makes them.
 */
export async function digestFile(
  path: string,
  signature: Buffer | undefined,
  keys: readonly TrustedKey[],
  signal: AbortSignal,
): Promise<FileDigest> {
  const hash = createHash('sha256')
  const streamed = signature ? keys.filter(({ key }) => !isEd25519(key)) : []
  const verifiers = streamed.map(trusted => ({ trusted, verifier: createVerify('sha256') }))
  const sizeBytes = await eachPiece(path, signal, piece => {
    hash.update(piece)
    for (const { verifier } of verifiers) verifier.update(piece)
  })
  const digest = hash.digest()
  const sha256 = digest.toString('hex')
  if (!signature) return { sha256, signer: undefined }
  const found = verifiers.find(({ trusted, verifier }) => isGood(() => verifier.verify(trusted.key, signature)))
  if (found) return { sha256, signer: found.trusted }
  const edwards = keys.filter(({ key }) => isEd25519(key))
  const signedDigest = edwards.find(({ key }) => isGood(() => verify(null, digest, key, signature)))
  if (signedDigest || edwards.length === 0 || sizeBytes > MAX_ED25519_BYTES) return { sha256, signer: signedDigest }
  const bytes = await readFile(path, { signal })
  return { sha256, signer: edwards.find(({ key }) => isGood(() => verify(null, bytes, key, signature))) }
}

const PIECE_BYTES = 1 << 20

/** Hands a file to `use` piece by piece, in the same memory each time: a fresh megabyte costs more than its digest. */
export async function eachPiece(path: string, signal: AbortSignal, use: (piece: Buffer) => void): Promise<number> {
  await using file = await open(path)
  const [now, next] = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)]
  let sizeBytes = 0
  let reading = file.read(now, 0, PIECE_BYTES, 0)
  for (;;) {
    const { bytesRead, buffer } = await reading
    if (bytesRead === 0) return sizeBytes
    sizeBytes += bytesRead
    signal.throwIfAborted()
    // The disk reads on while this piece is worked on.
    reading = file.read(buffer === now ? next : now, 0, PIECE_BYTES, sizeBytes)
    use(buffer.subarray(0, bytesRead))
  }
}
