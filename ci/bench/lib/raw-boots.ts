import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Board } from '../../../src/bench/load.ts'
import { startScript } from './floor.ts'
import { kill, pause, readProc, type Lab } from './lab.ts'

/** QEMU command lines by board, as they were run. */
export type CommandLines = ReadonlyMap<string, readonly string[]>

/** Watches boards get power, to learn their QEMU command lines. */
export async function learnCommandLines(lab: Lab, boards: readonly Board[], over: AbortSignal): Promise<CommandLines> {
  const learnt = new Map<string, readonly string[]>()
  while (learnt.size < boards.length && !over.aborted) {
    for (const { name } of boards) {
      const line = learnt.has(name) ? undefined : commandLineOf(join(lab.boardDir(name), 'qemu.pid'))
      if (line) learnt.set(name, line)
    }
    await pause(200)
  }
  return learnt
}

// Emptied, then written with holes for the zeros and flushed, as the program's own writer does; no read-back.
const SCRIPT = [
  'image=$1 disk=$2 size=$3; shift 3',
  'zstd -dcq <"$image" | dd of="$disk" bs=1M iflag=fullblock conv=sparse,fsync status=none || exit',
  'truncate -s "$size" "$disk" && exec "$@"',
].join('\n')

/**
 * The floor of a run: every board's image written and flushed, then its QEMU, all boards at once; until the last login
 * prompt. Returns the ms it took.
 */
export async function rawFlashAndBoot(
  lab: Lab,
  boards: readonly Board[],
  lines: CommandLines,
  reader: string,
): Promise<number> {
  const readers = boards.map(({ name }) => startScript([reader, lab.tty(name)]))
  await Promise.all(readers.map(({ ready }) => ready))
  const startedMs = Date.now()
  const machines = boards.map(board => {
    const size = (board.wired.media!.options as { sizeMiB: number }).sizeMiB
    const places = [board.spec.images.debug!, join(lab.boardDir(board.name), 'disk.img'), `${size}M`]
    // Where the power driver starts it too.
    const options = { cwd: lab.boardDir(board.name), stdio: ['ignore', 'ignore', 'inherit'] as StdioOptions }
    return spawn('sh', ['-c', SCRIPT, 'sh', ...places, ...lines.get(board.name)!], options)
  })
  try {
    const seen = await Promise.race([Promise.all(readers.map(({ ended }) => ended)), ...machines.map(diedEarly)])
    return Math.max(...seen.map(({ at }) => at.login!)) - startedMs
  } finally {
    for (const machine of machines) {
      if (machine.exitCode !== null || machine.pid === undefined) continue
      const gone = new Promise(resolve => machine.once('exit', resolve))
      kill(machine.pid)
      await gone
    }
  }
}

/** Rejects when a machine ends although nobody ended it. */
function diedEarly(machine: ChildProcess): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  machine.once('exit', code => reject(new Error(`a raw boot ended with ${code}`)))
  promise.catch(() => {})
  return promise
}

function commandLineOf(pidFile: string): readonly string[] | undefined {
  try {
    const words = readProc(Number(readFileSync(pidFile, 'utf8')), 'cmdline')
      .split('\0')
      .slice(0, -1)
    return words.includes(pidFile) ? words : undefined
  } catch {
    return undefined
  }
}
