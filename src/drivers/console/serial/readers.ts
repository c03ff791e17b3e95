import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'

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
  return [...readersAmong(everyPid(), new Set([target]))].flatMap(found => found ?? [])
}

/** One walk for many devices, given by their real paths: what each process reads, or undefined, process by process. */
export function* readersAmong(
  pids: Iterable<number>,
  devices: ReadonlySet<string>,
): Generator<(Reader & { readonly device: string }) | undefined> {
  for (const pid of pids) {
    const fds = numbersIn(`/proc/${pid}/fd`).map(fd => ({ fd, path: linkOf(pid, fd) }))
    const opened = new Set(fds.map(({ path }) => path).filter(path => devices.has(path)))
    for (const device of opened) if (reads(pid, fds, device)) yield { pid, command: commandOf(pid), device }
    yield undefined
  }
}

/** All processes there are. */
export function everyPid(): number[] {
  return numbersIn('/proc')
}

/** How many files a process has open; 0 where that is not told cheaply: before Linux 6.2. */
export function openFilesOf(pid: number): number {
  try {
    return statSync(`/proc/${pid}/fd`).size
  } catch {
    return 0
  }
}

function reads(pid: number, fds: readonly { fd: number; path: string }[], target: string): boolean {
  if (!fds.some(({ fd, path }) => path === target && mayRead(fdInfo(pid, fd)))) return false
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
