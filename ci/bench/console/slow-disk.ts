import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const CGROUPS = '/sys/fs/cgroup/blkio'
const SIZE_BYTES = 1 << 30
const BYTES_PER_S = 6_000_000
const WRITES_PER_S = 200

/**
 * A slow disk that is real: a block device the kernel throttles, with a file system on which every write waits for it.
 *
 * 200 writes and 6 MB a second, as a worn SD card. Only processes that were put under it meet it so.
 */
export class SlowDisk implements Disposable {
  readonly folder: string
  readonly #device: string
  readonly #cgroup: string

  constructor(inFolder: string) {
    this.folder = join(inFolder, 'slow')
    const image = join(inFolder, 'slow.img')
    writeFileSync(image, '')
    truncateSync(image, SIZE_BYTES)
    run('mkfs.ext4', '-q', '-O', '^has_journal', image)
    this.#device = run('losetup', '-f', '--show', image).trim()
    mkdirSync(this.folder)
    run('mount', '-o', 'sync', this.#device, this.folder)
    const number = readFileSync(`/sys/block/${basename(this.#device)}/dev`, 'utf8').trim()
    this.#cgroup = join(CGROUPS, basename(inFolder))
    mkdirSync(this.#cgroup)
    writeFileSync(join(this.#cgroup, 'blkio.throttle.write_bps_device'), `${number} ${BYTES_PER_S}`)
    writeFileSync(join(this.#cgroup, 'blkio.throttle.write_iops_device'), `${number} ${WRITES_PER_S}`)
  }

  /** Makes it slow for a process. */
  slowDown(pid: number): void {
    writeFileSync(join(this.#cgroup, 'cgroup.procs'), String(pid))
  }

  [Symbol.dispose](): void {
    run('umount', '-l', this.folder)
    run('losetup', '-d', this.#device)
    rmdirSync(this.#cgroup)
  }
}

/** Why there can be no slow disk here; undefined: there can. */
export function slowDiskMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'a slow disk needs root: a throttled loop device is mounted'
  return existsSync(join(CGROUPS, 'blkio.throttle.write_bps_device'))
    ? undefined
    : 'a slow disk needs the blkio controller of control groups, version 1'
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  })
}
