import { chmod, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import type { Shell } from '../../controls/shell.ts'
import {
  again,
  BoardSide,
  checkedPath,
  DIGEST,
  PIECE_BYTES,
  type Transferred,
  type TransferOptions,
} from './board-side.ts'
import { digestOf, openLocal } from './local-side.ts'

/**
 * Fetches a file from a board through a shell; the other direction of `putFile`, with the same promises.
 *
 * Errors: `configuration/board-file` for what the board refuses and for a file that changes meanwhile, `configuration/usage`
 * for the place here, and all of the shell's.
 */
export async function getFile(shell: Shell, from: string, to: string, options: TransferOptions): Promise<Transferred> {
  const { signal, progress } = options
  const board = new BoardSide(shell, signal)
  const remote = checkedPath(from)
  const [kind = '', sizeWord, mode = '', whole = ''] = await board.words(LOOK, { args: [remote], whole: true })
  const size = Number(sizeWord)
  const isFolder = (await stat(to).catch(() => undefined))?.isDirectory()
  const path = isFolder ? join(to, basename(from)) : to
  const part = `${path}.hil-part`
  const pieces = Math.ceil(size / PIECE_BYTES)
  let kept = 0
  {
    const exists = (await stat(part).catch(() => undefined))?.isFile()
    await using file = await openLocal(part, exists ? 'r+' : 'w+')
    kept = await keptPieces()
    for (let n = kept; n < pieces; n++) {
      progress?.({ doneBytes: n * PIECE_BYTES, totalBytes: size })
      const bytes = await again(() => board.run(GET_PIECE, { args: [remote, n] }))
      if (bytes.length !== Math.min(PIECE_BYTES, size - n * PIECE_BYTES)) throw await changed()
      await file.write(bytes, 0, bytes.length, n * PIECE_BYTES)
    }
    await file.truncate(size)
    progress?.({ doneBytes: size, totalBytes: size })
    if ((await digestOf(file, kind, size, signal)) !== whole) throw await changed()
    await file.sync()

    /** The whole pieces of an earlier attempt that are right. */
    async function keptPieces(): Promise<number> {
      const pieces = Math.floor(Math.min((await file.stat()).size, size) / PIECE_BYTES)
      if (pieces === 0) return 0
      const [there] = await board.words(PREFIX_DIGEST, { args: [remote, pieces], whole: true })
      return there === (await digestOf(file, 'md5', pieces * PIECE_BYTES, signal)) ? pieces : 0
    }
  }
  await chmod(part, /^[0-7]{3,4}$/.test(mode) ? Number.parseInt(mode, 8) & 0o777 : 0o644)
  await rename(part, path)
  return { path, totalBytes: size, resumedBytes: Math.min(size, kept * PIECE_BYTES), digest: { kind, hex: whole } }

  /** Each piece was proven on its way: what is different is another file. */
  async function changed(): Promise<Fault> {
    await rm(part, { force: true })
    return new Fault('configuration/board-file', {
      expected: `${from} to stay as it is while it is fetched`,
      seen: 'it changed',
      next: 'fetch a copy that nobody writes to',
    })
  }
}

/** Says kind of digest, size, mode bits (`-`: this board cannot tell) and digest. */
const LOOK = [
  'if [ ! -f "$1" ]; then echo "$1: no such file" >&2; exit 1; fi; if [ ! -r "$1" ]; then echo "$1: may not be read" >&2; exit 1; fi',
  DIGEST,
  'm=$(stat -L -c %a "$1" 2>/dev/null) || m=-',
  'printf "%s %s %s " "$H" $(($(wc -c < "$1"))) "$m"; $h < "$1"',
].join('; ')

const BLOCKS = `bs=${PIECE_BYTES}`
const PREFIX_DIGEST = `dd if="$1" ${BLOCKS} count="$2" 2>/dev/null | md5sum`
const GET_PIECE = `dd if="$1" ${BLOCKS} skip="$2" count=1 2>/dev/null`
