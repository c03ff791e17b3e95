import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { loadBench, type Board } from '../../../src/bench/load.ts'
import { imageOf } from '../../e2e/images.ts'
import { freePort, ROOT, type Lab } from './lab.ts'

const IMAGE = join(ROOT, '.cache/images/tiny-amd64.img.zst')
export const BOARD = 'nuc-1'
export const LOGIN = { user: 'ghaf', password: 'ghaf' }

/** Why the smallest image cannot be booted here; undefined: it can. */
export function tinyMissing(): string | undefined {
  return existsSync(IMAGE) ? undefined : `${IMAGE} is missing: run ci/setup`
}

/** What is different about a tiny board: more arguments of its kernel, or a console that is opened elsewhere. */
export interface TinyBoardChange {
  readonly kernelArgs?: string
  readonly consolePath?: string
}

/** Wires one virtual NUC whose medium holds the smallest image already. */
export async function wireTinyBoard(
  lab: Lab,
  { kernelArgs = '', consolePath }: TinyBoardChange = {},
): Promise<{ board: Board; port: number }> {
  const port = await freePort()
  const disk = '${state}/disk.img'
  const console = '${state}/ttyACM0'
  const image = imageOf('tiny-amd64', kernelArgs)
  lab.wire({
    [BOARD]: {
      type: 'nuc',
      twin: true,
      images: { debug: image },
      login: LOGIN,
      limitsMs: { boot: 90_000, ssh: 30_000 },
      power: { driver: 'qemu', machine: 'nuc', disk, console, sshPort: port, memoryMiB: 256 },
      console: { driver: 'serial', path: consolePath ?? console },
      media: { driver: 'file', path: disk, sizeMiB: 64 },
      flasher: { driver: 'raw' },
      shell: { driver: 'ssh', host: '127.0.0.1', port, route: 'direct' },
    },
  })
  mkdirSync(lab.boardDir(BOARD), { recursive: true })
  const medium = createWriteStream(join(lab.boardDir(BOARD), 'disk.img'))
  await pipeline(createReadStream(image), createZstdDecompress(), medium)
  const { boards } = await loadBench(lab.benchFile)
  return { board: boards[0]!, port }
}
