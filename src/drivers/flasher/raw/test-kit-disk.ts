import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Medium } from '../../../controls/media.ts'
import { findProgram } from '../../../base/program.ts'

/** Why there are no block devices for tests here; false where there are. */
export const noLoop =
  process.getuid?.() !== 0
    ? 'needs root'
    : !findProgram('losetup')
      ? 'needs losetup'
      : !existsSync('/dev/loop-control') && 'needs loop devices'

export const noFaultyDisk =
  noLoop ||
  (!findProgram('qemu-storage-daemon') ? 'needs qemu-storage-daemon' : !existsSync('/dev/fuse') && 'needs FUSE')

/** A block device that a test made. */
export interface Disk extends AsyncDisposable {
  readonly medium: Medium
  readonly path: string
}

/** A loop device over a file, past the host's memory. Never waited for in a blocking call: this process may be the disk. */
export async function loopDisk(file: string): Promise<Disk> {
  const { stdout } = await run('losetup', ['-f', '--show', '--direct-io=on', file])
  const path = stdout.trim()
  return {
    path,
    medium: { path, kind: 'device' },
    [Symbol.asyncDispose]: async () => void (await run('losetup', ['-d', path])),
  }
}

const run = promisify(execFile)

/** What a disk does with reads and writes. Throwing a number makes it answer with that error number. */
export interface DiskBehaviour {
  readonly sizeBytes: number
  read(offset: number, into: Buffer): void
  write(offset: number, bytes: Buffer): void
  /** Whoever wrote asks it to keep what it was given. */
  flush?(): void
}

export interface FaultyDisk extends Disk {
  unplug(): void
  /** It answers nothing any more, until the test has done with it. */
  freeze(): void
}

/**
 * A real block device of this host that behaves as the test says: a loop device over a file that QEMU exports by FUSE
 * and fills from a network block device, which is this process.
 *
 * Source: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md (fixed newstyle, simple replies).
 */
export async function faultyDisk(folder: string, behaviour: DiskBehaviour): Promise<FaultyDisk> {
  const socket = join(folder, 'nbd.sock')
  const file = join(folder, 'exported')
  writeFileSync(file, '')
  const server = createServer(client => void serve(client, behaviour).catch(() => client.destroy())).listen(socket)
  await once(server, 'listening')
  const daemon = spawn(
    'qemu-storage-daemon',
    [
      ...['--blockdev', `driver=nbd,node-name=disk,server.type=unix,server.path=${socket}`],
      ...['--export', `type=fuse,id=export,node-name=disk,mountpoint=${file},writable=on`],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  for (let tries = 0; statSync(file).size !== behaviour.sizeBytes; tries++) {
    if (tries === 100) throw new Error('qemu-storage-daemon exported nothing in 10 s')
    await pause(100)
  }
  const loop = await loopDisk(file)
  // QEMU 10.0 keeps one buffer for all requests, and overwrites it while it waits for room in its socket: 4 requests of
  // 32 KiB always find room.
  const queue = `/sys/block/${basename(loop.path)}/queue`
  await writeFile(join(queue, 'max_sectors_kb'), '32')
  await writeFile(join(queue, 'nr_requests'), '4')
  return {
    ...loop,
    unplug: () => daemon.kill('SIGKILL'),
    freeze: () => daemon.kill('SIGSTOP'),
    [Symbol.asyncDispose]: async () => {
      daemon.kill('SIGCONT')
      await loop[Symbol.asyncDispose]()
      if (daemon.exitCode === null && daemon.signalCode === null) {
        daemon.kill('SIGTERM')
        await once(daemon, 'exit')
      }
      server.close()
      // It goes with its daemon, unless that was killed.
      await run('umount', ['-l', file]).catch(() => undefined)
    },
  }
}

const NBD_FLAG_HAS_FLAGS = 1
const NBD_FLAG_SEND_FLUSH = 4
const [OPT_EXPORT_NAME_INFO, OPT_GO] = [6, 7]
const [READ, WRITE, DISCONNECT, FLUSH] = [0, 1, 2, 3]

async function serve(client: Socket, disk: DiskBehaviour): Promise<void> {
  const next = reader(client)
  const hello = Buffer.alloc(18)
  hello.write('NBDMAGICIHAVEOPT')
  hello.writeUInt16BE(1, 16)
  client.write(hello)
  await next(4)
  for (let chosen = false; !chosen;) {
    const head = await next(16)
    const option = head.readUInt32BE(8)
    await next(head.readUInt32BE(12))
    const reply = (type: number, data = Buffer.alloc(0)): void => {
      const out = Buffer.alloc(20)
      out.writeBigUInt64BE(0x3e889045565a9n, 0)
      out.writeUInt32BE(option, 8)
      out.writeUInt32BE(type, 12)
      out.writeUInt32BE(data.length, 16)
      client.write(Buffer.concat([out, data]))
    }
    if (option !== OPT_GO && option !== OPT_EXPORT_NAME_INFO) {
      reply(0x80000001)
      continue
    }
    const info = Buffer.alloc(12)
    info.writeBigUInt64BE(BigInt(disk.sizeBytes), 2)
    info.writeUInt16BE(NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH, 10)
    reply(3, info)
    reply(1)
    chosen = option === OPT_GO
  }
  for (;;) {
    const head = await next(28)
    const [type, offset, length] = [head.readUInt16BE(6), Number(head.readBigUInt64BE(16)), head.readUInt32BE(24)]
    if (type === DISCONNECT) return
    const bytes = type === WRITE ? await next(length) : Buffer.alloc(type === READ ? length : 0)
    const out = Buffer.alloc(16)
    out.writeUInt32BE(0x67446698, 0)
    head.copy(out, 8, 8, 16)
    try {
      if (type === READ) disk.read(offset, bytes)
      else if (type === WRITE) disk.write(offset, bytes)
      else if (type === FLUSH) disk.flush?.()
      else throw EINVAL
      client.write(type === READ ? Buffer.concat([out, bytes]) : out)
    } catch (error) {
      out.writeUInt32BE(Number(error), 4)
      client.write(out)
    }
  }
}

const EINVAL = 22
/** What an NBD server answers for a sector that cannot be read or written. */
export const EIO = 5

function reader(client: Socket): (size: number) => Promise<Buffer> {
  let have: Buffer = Buffer.alloc(0)
  let wake = (): void => {}
  client.on('data', (chunk: Buffer) => {
    have = Buffer.concat([have, chunk])
    wake()
  })
  client.on('error', () => {})
  return async size => {
    while (have.length < size) await new Promise<void>(resolve => (wake = resolve))
    const bytes = have.subarray(0, size)
    have = have.subarray(size)
    return bytes
  }
}
