import { basename } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { humanSize } from '../../base/text.ts'
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
import { digestOf, md5, openLocal, pieceAt } from './local-side.ts'

/**
 * Sends a file to a board through a shell: for a board without network.
 *
 * It grows as `<path>.hil-part` and gets its name and its mode bits at the end, at once, when its digest is right; an
 * interrupted one is gone on with by the next call, after what is there was compared.
 * Errors: `configuration/board-file` for what the board refuses (no such folder, no room), `configuration/usage` for the
 * file here, `infrastructure/serial-corrupt`, and all of the shell's.
 */
export async function putFile(shell: Shell, from: string, to: string, options: TransferOptions): Promise<Transferred> {
  const { signal, progress } = options
  await using file = await openLocal(from, 'r')
  const { size, mode } = await file.stat()
  const board = new BoardSide(shell, signal)
  const [kind = '', free = '', had = '', ...rest] = (
    await board.run(PREPARE, { args: [checkedPath(to), basename(from)] })
  )
    .toString('utf8')
    .split('\n')
  const path = rest.join('\n').replace(/\n$/, '')
  const part = `${path}.hil-part`
  const kept = await keptPieces()
  const whole = await digestOf(file, kind, size, signal)
  // What df does not know does not stop us: the write itself tells.
  if (/^\d+$/.test(free) && Number(free) * 1024 < size - kept * PIECE_BYTES)
    throw noRoom(`${humanSize(Number(free) * 1024)} free for ${humanSize(size)}`)
  const pieces = Math.ceil(size / PIECE_BYTES)
  for (let n = kept; n < pieces; n++) {
    progress?.({ doneBytes: n * PIECE_BYTES, totalBytes: size })
    await again(() => putPiece(n))
  }
  if (size === 0) await board.run('{ :; } > "$1"', { args: [part] })
  progress?.({ doneBytes: size, totalBytes: size })
  const [found] = await board.words(`${kind}sum < "$1"`, { args: [part], whole: true })
  if (found !== whole) throw await whyDifferent()
  await board.run('chmod "$3" "$1" && sync && mv -f "$1" "$2"', { args: [part, path, (mode & 0o777).toString(8)] })
  return { path, totalBytes: size, resumedBytes: Math.min(size, kept * PIECE_BYTES), digest: { kind, hex: whole } }

  /** The whole pieces of an earlier attempt that are right. */
  async function keptPieces(): Promise<number> {
    const pieces = Math.floor(Math.min(Number(had) || 0, size) / PIECE_BYTES)
    if (pieces === 0) return 0
    const [there] = await board.words(PREFIX_DIGEST, { args: [part, pieces], whole: true })
    return there === (await digestOf(file, 'md5', pieces * PIECE_BYTES, signal)) ? pieces : 0
  }

  /** May be repeated: whatever came of it before is cut off first. */
  async function putPiece(n: number): Promise<void> {
    const input = await pieceAt(file, n * PIECE_BYTES, PIECE_BYTES)
    let found: string | undefined
    try {
      ;[found] = await board.words(PUT_PIECE, { args: [part, n], input })
    } catch (error) {
      if (!(error instanceof Fault) || !/no space left|file too large|quota/i.test(error.seen)) throw error
      await board.run('rm -f "$1"', { args: [part] }).catch(() => undefined)
      throw noRoom(error.seen)
    }
    if (found !== md5(input)) throw damaged(`piece ${n + 1} of ${pieces}`, md5(input), found)
  }

  async function whyDifferent(): Promise<Fault> {
    await board.run('rm -f "$1"', { args: [part] })
    if ((await digestOf(file, kind, size, signal)) === whole) return damaged(to, whole, found)
    return new Fault('configuration/usage', {
      expected: `${from} to stay as it is`,
      seen: 'it changed while it was sent',
    })
  }
}

/** Says digest, room in KiB, size of what an earlier attempt left, and the path, each on its line. */
const PREPARE = [
  't=$1; [ -d "$t" ] && t=${t%/}/$2',
  'd=$(dirname "$t"); if [ ! -d "$d" ]; then echo "$d: no such folder" >&2; exit 1; fi',
  'if [ ! -w "$d" ]; then echo "$d: may not be written to" >&2; exit 1; fi',
  DIGEST,
  'f=$(df -Pk "$d" 2>/dev/null | { read -r _; read -r _ _ _ f _; echo "$f"; })',
  's=0; if [ -f "$t.hil-part" ]; then s=$(($(wc -c < "$t.hil-part"))); fi',
  `printf '%s\\n' "$H" "$f" "$s" "$t"`,
].join('; ')

const BLOCKS = `bs=${PIECE_BYTES}`
const PREFIX_DIGEST = `dd if="$1" ${BLOCKS} count="$2" 2>/dev/null | md5sum`
const PUT_PIECE = `dd if=/dev/null of="$1" ${BLOCKS} seek="$2" count=0 2>/dev/null && cat >> "$1" && dd if="$1" ${BLOCKS} skip="$2" count=1 2>/dev/null | md5sum`

function noRoom(seen: string): Fault {
  return new Fault('configuration/board-file', {
    expected: 'room for the file on the board',
    seen,
    next: 'free some space there, or choose another folder',
  })
}

function damaged(what: string, wanted: string, found: string | undefined): Fault {
  return new Fault('infrastructure/serial-corrupt', {
    expected: `${what} to arrive with digest ${wanted}`,
    seen: found || 'none',
  })
}
