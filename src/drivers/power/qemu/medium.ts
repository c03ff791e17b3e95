import { closeSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Fault } from '../../../base/fault.ts'
import { runProgram } from '../../../base/program.ts'
import { defaultEntry } from './extlinux.ts'
import { firstFatPartition } from './partitions.ts'

/** What a boot loader takes from a medium, as files of this host. */
export interface BootFiles {
  readonly kernel: string
  readonly initrd?: string
  readonly dtb?: string
  readonly append: string
}

/**
 * Plays boot ROM and boot loader: what the medium says is to be booted, copied to `folder`.
 *
 * Undefined when there is nothing bootable on it: that is for the board's console to show, not an error of the host.
 * Errors: `infrastructure/power` when the medium cannot be read at all.
 */
export async function readBootFiles(disk: string, folder: string, signal: AbortSignal): Promise<BootFiles | undefined> {
  const offset = fatOffset(disk)
  if (offset === undefined) return undefined
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const drive = `${disk}@@${offset}`
  const config = await mtools(['mcopy', '-i', drive, '::/extlinux/extlinux.conf', '-'], signal)
  const entry = config.exitCode === 0 ? defaultEntry(config.stdout) : undefined
  if (!entry) return undefined
  const names = [entry.kernel, entry.initrd, entry.dtb].filter(name => name !== undefined)
  const copied = await mtools(['mcopy', '-n', '-i', drive, ...names.map(onMedium), `${folder}/`], signal)
  if (copied.exitCode !== 0) return undefined
  const local = (name: string): string => join(folder, basename(name))
  return {
    kernel: local(entry.kernel),
    append: entry.append,
    ...(entry.initrd && { initrd: local(entry.initrd) }),
    ...(entry.dtb && { dtb: local(entry.dtb) }),
  }
}

const LIMIT_MS = 20_000

function fatOffset(disk: string): number | undefined {
  const fd = openSync(disk, 'r')
  try {
    return firstFatPartition((offset, length) => {
      const buffer = Buffer.alloc(length)
      return buffer.subarray(0, readSync(fd, buffer, 0, length, offset))
    })
  } finally {
    closeSync(fd)
  }
}

/** A path as mtools wants it: extlinux counts relative ones from its own folder. */
function onMedium(path: string): string {
  return `::${path.startsWith('/') ? path : `/extlinux/${path}`}`
}

function mtools(argv: readonly string[], signal: AbortSignal): ReturnType<typeof runProgram> {
  return runProgram(argv, {
    limitMs: LIMIT_MS,
    signal,
    env: { MTOOLS_SKIP_CHECK: '1' },
    late: () =>
      new Fault('infrastructure/power', { expected: `${argv[0]} to end in ${LIMIT_MS} ms`, seen: 'it still runs' }),
  })
}
