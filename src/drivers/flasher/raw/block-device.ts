import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where the kernel tells about devices; tests build one of their own. */
export interface KernelFiles {
  readonly sys: string
  readonly proc: string
  /** The device database of udev. */
  readonly udev: string
}

export const KERNEL_FILES: KernelFiles = { sys: '/sys', proc: '/proc', udev: '/run/udev/data' }

/** A block device as the kernel describes it. */
export interface BlockDevice {
  /** `sdb`, the kernel's name. */
  readonly name: string
  readonly sizeBytes: number
  readonly sectorBytes: number
  readonly isPartition: boolean
  readonly isReadOnly: boolean
  /** It can be told to read as zeros from now on, without being sent them. */
  readonly zeroes: boolean
  /** Counts up with every disk that is connected: another number is another disk. Undefined before Linux 5.15. */
  readonly sequence: string | undefined
  /** All that it is called by its vendor, its bus or the USB device it hangs on. */
  readonly serials: readonly string[]
  /** What keeps it or a partition of it in use, in words; empty: nobody. */
  readonly users: readonly string[]
}

/** Reads what the kernel knows of a block device. Undefined: the kernel knows none by this number. */
export function describeDevice(rdev: number, files: KernelFiles): BlockDevice | undefined {
  const number = deviceNumber(rdev)
  const folder = real(join(files.sys, 'dev/block', number))
  if (folder === undefined) return undefined
  const sectors = Number(line(join(folder, 'size')) ?? Number.NaN)
  if (Number.isNaN(sectors)) return undefined
  const queue = join(folder, 'queue')
  return {
    name: basename(folder),
    // Linux counts the size of every block device in sectors of 512 bytes.
    sizeBytes: sectors * 512,
    sectorBytes: Number(line(join(queue, 'logical_block_size')) ?? 512),
    isPartition: line(join(folder, 'partition')) !== undefined,
    isReadOnly: line(join(folder, 'ro')) === '1',
    // Zeroing without discarding is the disk's own writing of zeros, no faster than ours.
    zeroes: ['discard_max_bytes', 'write_zeroes_max_bytes'].every(name => Number(line(join(queue, name)) ?? 0) > 0),
    sequence: line(join(folder, 'diskseq')),
    serials: serialsOf(folder, number, files),
    users: usersOf(folder, number, files),
  }
}

/** `major:minor` as the kernel writes it. */
export function deviceNumber(rdev: number): string {
  return `${(rdev >> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}`
}

/** The file systems, swaps, and stacked devices (LVM, RAID, encryption) that use a disk or a partition of it. */
function usersOf(folder: string, number: string, files: KernelFiles): string[] {
  const partitions = entries(folder).filter(name => line(join(folder, name, 'partition')) !== undefined)
  const parts = [folder, ...partitions.map(name => join(folder, name))]
  const numbers = new Map([[number, basename(folder)]])
  for (const part of parts) numbers.set(line(join(part, 'dev')) ?? number, basename(part))
  const names = new Set(parts.map(part => basename(part)))
  const mounts = lines(join(files.proc, 'self/mountinfo')).flatMap(text => {
    // Fields: id, parent, major:minor, root, mount point, options…, "-", type, source. A btrfs has a number of its own.
    const fields = text.split(' ')
    const source = fields[fields.indexOf('-') + 2] ?? ''
    const by = numbers.get(fields[2] ?? '') ?? [...names].find(name => source === `/dev/${name}`)
    return by === undefined ? [] : [`${by} is mounted on ${unescapeMount(fields[4] ?? '')}`]
  })
  const swaps = lines(join(files.proc, 'swaps'))
    .map(text => basename(text.split(/\s/)[0] ?? ''))
    .filter(name => names.has(name))
    .map(name => `${name} is swap of this host`)
  const holders = parts.flatMap(part =>
    entries(join(part, 'holders')).map(holder => `${basename(part)} is part of ${holder} of this host`),
  )
  return [...mounts, ...swaps, ...holders]
}

function serialsOf(folder: string, number: string, files: KernelFiles): string[] {
  const found = [line(join(folder, 'serial')), line(join(folder, 'device/serial')), unitSerial(folder)]
  for (const text of lines(join(files.udev, `b${number}`))) found.push(/^E:ID_SERIAL(?:_SHORT)?=(.+)$/.exec(text)?.[1])
  found.push(busSerial(real(join(folder, 'device')), files))
  return [...new Set(found.flatMap(serial => serial?.trim() || []))]
}

/** A USB bridge may report no serial number of the disk; the USB device it is has one then. Hubs further up do not count. */
function busSerial(device: string | undefined, files: KernelFiles): string | undefined {
  for (let up = dirname(device ?? '/'); up.length > files.sys.length; up = dirname(up)) {
    const serial = line(join(up, 'serial'))
    if (serial !== undefined) return serial
  }
  return undefined
}

/** SCSI's page of the unit's serial number: a header of four bytes, then text. */
function unitSerial(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'device/vpd_pg80')).subarray(4).toString('latin1')
  } catch {
    return undefined
  }
}

function unescapeMount(path: string): string {
  return path.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
}

function line(path: string): string | undefined {
  return lines(path)[0]
}

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter(text => text !== '')
  } catch {
    return []
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
