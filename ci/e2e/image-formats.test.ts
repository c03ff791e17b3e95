import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ImageFormat } from '../../src/model/image.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { cellsOf, of } from './verdicts.ts'

// One image in every format it may come in is written, proven and booted; every other test has it as zst.

/** Flashed and read back without a board by the raw flasher’s own tests, like all others. */
const SELDOM = new Set<ImageFormat>(['gz', 'bz2'])

const PACKED: [format: ImageFormat, name: string, pack: string[] | undefined][] = [
  ['raw', 'tiny.img', undefined],
  ['xz', 'tiny.img.xz', ['xz', '-1', '-c']],
  ['gz', 'tiny.img.gz', ['gzip', '-1', '-c']],
  ['bz2', 'tiny.img.bz2', ['bzip2', '-1', '-c']],
]

const RAW = execFileSync('zstd', ['-dqfc', imageOf('tiny-amd64')], { maxBuffer: 1 << 30 })

for (const [format, name, pack] of PACKED)
  test(`an image as ${format} is written, proven and booted`, { skip: SELDOM.has(format) && slow }, async () => {
    await using lab = await Lab.open()
    const image = join(lab.folder, name)
    writeFileSync(image, pack ? execFileSync(pack[0]!, pack.slice(1), { input: RAW, maxBuffer: 1 << 30 }) : RAW)
    const ended = await lab.run({ images: { debug: image } }, ['quick'], 0)
    assert.deepEqual(cellsOf(ended), { quick: 'pass' })
    const [flashed] = of(ended.events, 'flashed')
    assert.equal(flashed?.image.format, format)
    assert.equal(flashed.proof.imageBytes, RAW.length)
    assert.ok(flashed.proof.readBackBytes > 0)
    // Its system runs in memory: the disk is as it was flashed.
    assert.ok(readFileSync(join(lab.boardDir(), 'disk.img')).subarray(0, RAW.length).equals(RAW))
  })
