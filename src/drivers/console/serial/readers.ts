import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'

/** A process that has a device open for reading. */
export interface Reader {
  readonly pid: number
  readonly command: string
}

/**
 * The processes of this host, this one included, that could read from a device and so steal its bytes.
 *
 * Writers do not count, nor does the maker of a pty, which may keep its far end open.
 * Limits: other users' processes are seen by root only. Source: proc_pid_fdinfo(5).
 */
export function readersOf(device: string): Reader[] {
  const target = realpathSync(device)
  return numbersIn('/proc')
    .filter(pid => reads(pid, target))
    .map(pid => ({ pid, command: commandOf(pid) }))
}

function reads(pid: number, target: string): boolean {
  const fds = numbersIn(`/proc/${pid}/fd`).map(fd => ({ fd, path: linkOf(pid, fd) }))
  const opened = fds.filter(({ path }) => path === target)
  if (!opened.some(({ fd }) => mayRead(fdInfo(pid, fd)))) return false
  const ptyIndex = /^\/dev\/pts\/(\d+)$/.exec(target)?.[1]
  const masters = fds.filter(({ path }) => path.endsWith('/ptmx'))
  return !masters.some(({ fd }) => /^tty-index:\s*(\d+)/m.exec(fdInfo(pid, fd))?.[1] === ptyIndex)
}

function mayRead(info: string): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0'
  const accessMode = Number.parseInt(flags, 8) % 4
  return accessMode !== O_WRONLY
}

const O_WRONLY = 1

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

function linkOf(pid: number, fd: number): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return ''
  }
}

/** A descriptor that went meanwhile reads nothing. */
function fdInfo(pid: number, fd: number): string {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')
  } catch {
    return 'flags: 01'
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 200)
  } catch {
    return 'ended meanwhile'
  }
}
