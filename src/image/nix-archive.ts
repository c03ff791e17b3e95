import { createHash, type Hash } from 'node:crypto'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { eachPiece } from './file-digest.ts'

/**
 * SHA-256 of a file tree as a Nix archive: the digest by which Nix, and provenance made by it, names a build result.
 *
 * Source: https://nix.dev/manual/nix/latest/protocols/nix-archive. Errors: what the file system says; `unsupported file`
 * for what a store path cannot hold.
 */
export async function narSha256(root: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  words(hash, 'nix-archive-1')
  await node(hash, root, signal)
  return hash.digest('hex')
}

async function node(hash: Hash, path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const found = await lstat(path)
  words(hash, '(', 'type')
  if (found.isSymbolicLink()) words(hash, 'symlink', 'target', await readlink(path))
  else if (found.isFile()) await regular(hash, path, found, signal)
  else if (found.isDirectory()) await directory(hash, path, signal)
  else throw new Error(`unsupported file ${path}`)
  words(hash, ')')
}

async function regular(
  hash: Hash,
  path: string,
  { mode, size }: { mode: number; size: number },
  signal: AbortSignal,
): Promise<void> {
  words(hash, 'regular')
  if ((mode & 0o100) !== 0) words(hash, 'executable', '')
  words(hash, 'contents')
  hash.update(length(size))
  await eachPiece(path, signal, piece => void hash.update(piece))
  hash.update(padding(size))
}

async function directory(hash: Hash, path: string, signal: AbortSignal): Promise<void> {
  words(hash, 'directory')
  const names = (await readdir(path, { encoding: 'buffer' })).sort(Buffer.compare)
  for (const name of names) {
    words(hash, 'entry', '(', 'name', name, 'node')
    await node(hash, join(path, name.toString('utf8')), signal)
    words(hash, ')')
  }
}

/** Each word is its length, itself, and zeros up to a multiple of eight bytes. */
function words(hash: Hash, ...all: readonly (string | Buffer)[]): void {
  for (const word of all) {
    const bytes = Buffer.from(word)
    hash.update(length(bytes.length)).update(bytes).update(padding(bytes.length))
  }
}

function length(bytes: number): Buffer {
  const field = Buffer.alloc(8)
  field.writeBigUInt64LE(BigInt(bytes))
  return field
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((8 - (bytes % 8)) % 8)
}
