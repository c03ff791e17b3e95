import { Fault } from '../../base/fault.ts'
import type { Shell } from '../../controls/shell.ts'

/**
 * Bytes that travel at a time, each time proven: a second at 115200 baud, and what an interruption costs at most.
 *
 * Also the block size of `dd` on the board, so that the place of a piece is found without reading what is before it.
 */
export const PIECE_BYTES = 8 << 10
/** For one piece: 9600 baud take 13 s, more when damage is sent again. */
const PIECE_LIMIT_MS = 120_000
/** For the digest of a whole file by a slow board. */
const WHOLE_LIMIT_MS = 900_000

export interface BoardCommand {
  readonly args?: readonly (string | number)[]
  readonly input?: Uint8Array
  /** It reads the whole file. */
  readonly whole?: boolean
}

/** A board's files, by what every small board has: `sh`, `dd`, `wc`, `mv` and a digest. */
export class BoardSide {
  readonly #shell: Shell
  readonly #signal: AbortSignal

  constructor(shell: Shell, signal: AbortSignal) {
    this.#shell = shell
    this.#signal = signal
  }

  /** Runs a script with `$1` …; its standard output. Errors: `configuration/board-file` for what the board refuses. */
  async run(script: string, { args = [], input, whole = false }: BoardCommand = {}): Promise<Buffer> {
    const { exitCode, stdout, stderr } = await this.#shell.run(['sh', '-c', script, 'sh', ...args.map(String)], {
      limitMs: whole ? WHOLE_LIMIT_MS : PIECE_LIMIT_MS,
      signal: this.#signal,
      ...(input && { input }),
    })
    if (exitCode === 0) return stdout
    throw new Fault('configuration/board-file', {
      expected: 'the board to give or take the file',
      seen: stderr.toString('utf8').trim() || `exit code ${exitCode}`,
    })
  }

  /** The same, each word of its output. */
  async words(script: string, command?: BoardCommand): Promise<string[]> {
    return (await this.run(script, command)).toString('utf8').trim().split(/\s+/)
  }
}

/** Both digests where the board has them: SHA-256 for the whole file, MD5 where it is missing. Sets `$h` and `$H`. */
export const DIGEST = 'H=sha256; command -v sha256sum >/dev/null || H=md5; h=${H}sum'

/** A path of the board that may be sent to it. Errors: `configuration/usage`. */
export function checkedPath(path: string): string {
  if (path !== '' && !/[\0\r\n]/.test(path)) return path.startsWith('-') ? `./${path}` : path
  throw new Fault('configuration/usage', { expected: 'a path on the board', seen: JSON.stringify(path) })
}

/** Does work again that may be repeated, when the line was at fault. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'infrastructure/serial-corrupt' || attempt === ATTEMPTS)
        throw error
    }
}

const ATTEMPTS = 4

/** How a transfer went. */
export interface Transferred {
  /** The file's full path where it now is. */
  readonly path: string
  readonly totalBytes: number
  /** What an earlier attempt had left behind, and was found to be right. */
  readonly resumedBytes: number
  /** `sha256` or `md5`, and the digest that both sides agree on. */
  readonly digest: { readonly kind: string; readonly hex: string }
}

export interface TransferOptions {
  readonly signal: AbortSignal
  readonly progress?: (report: { doneBytes: number; totalBytes: number }) => void
}
