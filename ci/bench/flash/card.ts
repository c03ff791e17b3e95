import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findProgram } from '../../../src/base/program.ts'
import { IMAGE_BYTES } from './sparse-image.ts'

/** Why there can be no card here; undefined: there can. */
export function cardMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'loop devices need root'
  return ['losetup', 'blkdiscard', 'zstd'].find(name => !findProgram(name))?.concat(' is not installed')
}

/** The card's file may take that much of the host's memory. */
const ROOM_BYTES = 8 * 2 ** 30

/**
 * A block device a little larger than the image, and a folder for images.
 *
 * Where there is room its file lies in memory: the disk of a virtual machine is as fast as its neighbours let it be,
 * and was seen to fall from 1700 to 130 MB/s within an hour.
 */
export class Card implements Disposable {
  readonly folder: string
  readonly device: string
  readonly #file: string

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'hil-bench-flash-'))
    const inMemory = existsSync('/dev/shm') && freemem() > ROOM_BYTES
    this.#file = join(inMemory ? '/dev/shm' : this.folder, `${basename(this.folder)}-card`)
    const fd = openSync(this.#file, 'w')
    ftruncateSync(fd, IMAGE_BYTES + 2 ** 28)
    closeSync(fd)
    const argv = ['-f', '--show', '--direct-io=on', this.#file]
    this.device = execFileSync('losetup', argv, { encoding: 'utf8' }).trim()
  }

  /** Makes it a card on which nothing was ever written. */
  clear(): void {
    execFileSync('blkdiscard', [this.device])
    execFileSync('sync')
  }

  [Symbol.dispose](): void {
    execFileSync('losetup', ['-d', this.device])
    rmSync(this.#file)
    rmSync(this.folder, { recursive: true })
  }
}

/**
 * A group of processes whose writes to a device are slowed down by the kernel. Undefined: this host's control groups
 * cannot do it.
 *
 * Source: https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html and cgroup-v2.html (`io.max`).
 */
export class SlowWrites implements Disposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static to(device: string, bytesPerSecond: number): SlowWrites | undefined {
    const { rdev } = statSync(device)
    const number = `${(rdev >> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}`
    const v1 = '/sys/fs/cgroup/blkio'
    const [parent, file, rule] = existsSync(v1)
      ? [v1, 'blkio.throttle.write_bps_device', `${number} ${bytesPerSecond}`]
      : ['/sys/fs/cgroup', 'io.max', `${number} wbps=${bytesPerSecond}`]
    const folder = join(parent, `hil-bench-${process.pid}`)
    try {
      mkdirSync(folder)
      writeFileSync(join(folder, file), rule)
      return new SlowWrites(folder)
    } catch {
      rmSync(folder, { recursive: true, force: true })
      return undefined
    }
  }

  /** A command line that runs inside the group. */
  wrap(argv: readonly string[]): string[] {
    return ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.#folder, ...argv]
  }

  [Symbol.dispose](): void {
    rmdirSync(this.#folder)
  }
}
